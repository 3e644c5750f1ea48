"""What the tests of the chat say, and look at afterwards: answers, tasks, messages."""

from collections.abc import Callable
from typing import Any, Final

from assistant.models import Message
from tasks.models import Task
from testing.callers import Answer, Caller

Say = Callable[..., Answer]
# The fields of a turn; the last two say again what others do.
TURN: Final = {
    "conversation_id", "response", "tool_calls", "pending_action", "message", "response_text", "tool_invocations",
}  # fmt: skip


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
    assert set(answer.json) == TURN
    assert isinstance(answer.json["response"], str)
    assert answer.json["response"]
    for call in answer.json["tool_calls"]:
        assert set(call) == {"tool", "name", "arguments", "result"}
        assert call["name"] == call["tool"]
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
