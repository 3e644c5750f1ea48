"""Conversations with either provider. The model answers as a good one does: from what the messages hold."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from assistant.tests.chat_facts import TURN, tasks
from testing.callers import Answer, Caller
from testing.model_answers import ModelAnswer, Request, Scripted, calls, says
from testing.model_server import ModelServer


class Speaker:
    """What a person says. ``answers`` are the model's, where there is one, and all of them are asked for."""

    def __init__(self, model: ModelServer | None) -> None:
        self._model = model

    def __call__(self, caller: Caller, message: str, *answers: Scripted, **more: Any) -> Answer:
        if self._model:
            self._model.script(*answers)
        answer = caller.post(f"/api/{caller.id}/chat", {"message": message, **more})
        assert self._model is None or not self._model.left
        return answer

    @property
    def asked(self) -> int:
        return len(self._model.requests) if self._model else 0


def tells(request: Request) -> ModelAnswer:
    """What came of this turn's calls."""
    asked = max(index for index, message in enumerate(request.messages) if message["role"] == "user")
    return says("\n".join(_tell(result) for result in _results(request.messages[asked:])))


def on_number(tool: str, number: int, **arguments: Any) -> Callable[[Request], ModelAnswer]:
    """A call for the task of this number in the last list, which the model finds in its history."""

    def answer(request: Request) -> ModelAnswer:
        shown = [result["tasks"] for result in _results(request.messages) if "tasks" in result][-1]
        [task] = [task for task in shown if task["number"] == number]
        return calls((tool, {"task": task["id"], **arguments}))

    return answer


def remind_tomorrow_at_nine(request: Request) -> ModelAnswer:
    """By the person's clock, as the instructions tell it."""
    told = re.search(r"It is \w+ (\d{4}-\d\d-\d\d) ", request.messages[0]["content"])
    assert told
    due_at = f"{date.fromisoformat(told[1]) + timedelta(days=1)}T09:00:00+05:30"
    return calls(("add_task", {"title": "Pay the rent", "due_at": due_at}))


def _results(messages: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (json.loads(message["content"]) for message in messages if message["role"] == "tool")


def _tell(result: Mapping[str, Any]) -> str:
    if "error" in result:
        return f"I could not do that: {result['error']['detail']}"
    if "tasks" in result:
        return "\n".join(f"{task['number']}. {task['title']}" for task in result["tasks"]) or "There are no tasks."
    return f"Done: {result['task']['title']}"


def done(answer: Answer, *tools: str) -> list[Any]:
    """The results of exactly these tools, each of which worked and waits for nothing."""
    assert answer.status == 200, answer
    assert set(answer.json) == TURN
    assert answer.json["pending_action"] is None
    assert [call["tool"] for call in answer.json["tool_calls"]] == list(tools)
    results = [call["result"] for call in answer.json["tool_calls"]]
    assert not [result for result in results if "error" in result or "needs_confirmation" in result]
    return results


def rows(caller: Caller) -> dict[str, bool]:
    return {task.title: task.completed for task in tasks(caller)}
