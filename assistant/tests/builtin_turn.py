"""Turns of the built-in provider, with the tools' results given."""

import json
from collections.abc import Sequence
from typing import Any, Final

from assistant.providers.base import ChatMessage, Prompt, Reply
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.tests.expected_calls import NOW
from assistant.understanding import Earlier, understand

TOOLS: Final = ({"type": "function", "function": {"name": "add_task"}},)


class BuiltinTurn:
    """Calls the provider as the service does, anew each time: it has nothing but the prompt."""

    def __init__(self, message: str, earlier: Sequence[ChatMessage] = ()) -> None:
        self.messages: list[ChatMessage] = [
            {"role": "system", "content": "You look after tasks."},
            *earlier,
            {"role": "user", "content": message},
        ]
        before = next((said["content"] for said in reversed(earlier) if said["role"] == "assistant"), None)
        self._understanding = understand(message, NOW, Earlier(answer=before or ""))
        self.written: list[str] = []

    def go_on(self, *results: Any, tools: Sequence[Any] = TOOLS) -> Reply:
        """Gives the results of the last reply's calls, in their order."""
        if results:
            ids = [call["id"] for call in self.messages[-1]["tool_calls"]]
            for call_id, result in zip(ids, results, strict=True):
                self.messages.append({"role": "tool", "tool_call_id": call_id, "content": json.dumps(result)})
        prompt = Prompt(tuple(self.messages), tools, NOW, self._understanding, 0.0)
        reply = BuiltinProvider().reply(prompt, self.written.append)
        self.messages.append(reply.message)
        return reply


def calls_in(reply: Reply) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, json.loads(call.arguments)) for call in reply.calls]


def task(title: str = "Buy milk", **fields: Any) -> dict[str, Any]:
    return {"id": f"id of {title}", "title": title, "completed": False, "priority": "medium", **fields}


def listed(*tasks: dict[str, Any], more: bool = False, count: int | None = None) -> dict[str, Any]:
    numbered = [{"number": number, **fields} for number, fields in enumerate(tasks, start=1)]
    return {"tasks": numbered, "count": len(tasks) if count is None else count, "more": more}


def error(code: str, detail: str = "", **fields: Any) -> dict[str, Any]:
    return {"error": {"code": code, "detail": detail, **fields}}
