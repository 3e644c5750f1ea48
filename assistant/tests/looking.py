"""What the tests of the chat look at, and how something happens while a model thinks."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection

from assistant.models import Message
from tasks.models import Task
from testing.callers import Answer, Caller
from testing.model_answers import Answer as Scripted
from testing.model_answers import Request

T = TypeVar("T")


def tasks(caller: Caller) -> list[Task]:
    return list(Task.objects.visible_to(caller.user).order_by("id"))


def titles(caller: Caller) -> list[str]:
    """In the order they were made."""
    return [task.title for task in tasks(caller)]


def messages(caller: Caller) -> list[tuple[str, str]]:
    """Roles and contents, in the order they were said."""
    return list(Message.objects.filter(user_id=caller.id).order_by("id").values_list("role", "content"))


def result(answer: Answer, number: int = 0) -> Any:
    return answer.json["tool_calls"][number]["result"]


def error(answer: Answer, number: int = 0) -> str | None:
    """The code a tool call failed with."""
    code: str | None = result(answer, number).get("error", {}).get("code")
    return code


def assert_well_formed(answer: Answer) -> None:
    assert answer.status == 200, answer
    assert set(answer.json) == {"conversation_id", "response", "tool_calls", "pending_action"}
    assert isinstance(answer.json["response"], str)
    assert answer.json["response"]
    for call in answer.json["tool_calls"]:
        assert set(call) == {"tool", "arguments", "result"}
        assert isinstance(call["arguments"], dict)
        assert isinstance(call["result"], dict)


def read(caller: Caller, answer: Answer) -> Any:
    whole = caller.get(f"/api/{caller.id}/conversations/{answer.json['conversation_id']}")
    assert whole.status == 200, whole
    return whole.json


def pairs(caller: Caller) -> list[tuple[str, bool, int]]:
    return [(task.title, task.completed, task.version) for task in Task.objects.visible_to(caller.user).order_by("id")]


def answered(history: list[dict[str, Any]]) -> bool:
    """Whether each message with tool calls is followed by their results, as OpenAI's endpoint demands."""
    for place, message in enumerate(history):
        wanted = [call["id"] for call in message.get("tool_calls", [])]
        results = history[place + 1 : place + 1 + len(wanted)]
        if [told.get("tool_call_id") for told in results] != wanted:
            return False
    return True


def meanwhile(act: Callable[[], object], answer: Scripted) -> Callable[[Request], Scripted]:
    """The model's answer, before which something else happens on a connection of its own."""

    def think(_: Request) -> Scripted:
        try:
            act()
        finally:
            connection.close()
        return answer

    return think


class Gate:
    """Holds the model back until the test lets it go on."""

    def __init__(self, answer: Scripted) -> None:
        self._answer = answer
        self._open = threading.Event()
        self._arrived = threading.Semaphore(0)

    def __call__(self, request: Request) -> Scripted:
        self._arrived.release()
        assert self._open.wait(20)
        return self._answer

    def wait(self, arrivals: int = 1) -> None:
        for _ in range(arrivals):
            assert self._arrived.acquire(timeout=20)

    def open(self) -> None:
        self._open.set()


class Background(Generic[T]):
    """Runs in a thread with a database connection of its own."""

    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._outcome: T | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome = self._act()
        finally:
            connection.close()

    def is_over(self, seconds: float) -> bool:
        """Within so long."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def outcome(self) -> T:
        assert self.is_over(30)
        assert self._outcome is not None
        return self._outcome
