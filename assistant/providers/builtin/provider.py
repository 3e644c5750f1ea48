"""Answers a turn without a model: the message is understood by patterns, so the same one is always answered alike.

Everything comes from the prompt. A call's id is the place of its intent in the message ("call_2"), and for
a change to every task of a list the task's place in it ("call_2_7"): so each call of the provider sees
which of its intents are done.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.providers.base import TURN_SECONDS, ChatMessage, Prompt, Reply, ToolCall
from assistant.providers.builtin.answers import Outcome, describe, describe_each
from assistant.providers.builtin.helping import guide
from assistant.understanding import Intent, Understanding

NOT_ALL_UNDERSTOOD: Final = "I did not understand the rest."
NOT_ALL_DONE: Final = "That was too much for one message: please ask for the rest again."


@dataclass(frozen=True, slots=True)
class Progress:
    """What was understood, and what has come of it so far."""

    understanding: Understanding
    # By the call's id.
    outcomes: Mapping[str, Outcome]
    now: datetime
    # The person's message, and the answer before it.
    said: str
    before: str


class BuiltinProvider:
    name = "builtin"
    is_remote = False
    turn_seconds = TURN_SECONDS

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        progress = _read_progress(prompt)
        calls = tuple(_next_calls(progress))
        if calls and prompt.tools:
            return Reply("", calls, _message("", calls))
        text = _answer(progress, is_cut=bool(calls))
        if text:
            write(text)
        return Reply(text, (), _message(text))


def _read_progress(prompt: Prompt) -> Progress:
    asked = max(index for index, message in enumerate(prompt.messages) if message["role"] == "user")
    outcomes = dict(_outcomes(prompt.messages[asked + 1 :]))
    answers = (message["content"] for message in reversed(prompt.messages[:asked]) if message["role"] == "assistant")
    return Progress(prompt.understanding, outcomes, prompt.now, prompt.messages[asked]["content"], next(answers, ""))


def _outcomes(messages: Any) -> Iterator[tuple[str, Outcome]]:
    calls: dict[str, Mapping[str, Any]] = {}
    for message in messages:
        calls |= {call["id"]: call["function"] for call in message.get("tool_calls") or ()}
        if message["role"] == "tool":
            call = calls[message["tool_call_id"]]
            outcome = Outcome(call["name"], json.loads(call["arguments"]), json.loads(message["content"]))
            yield message["tool_call_id"], outcome


def _next_calls(progress: Progress) -> Iterator[ToolCall]:
    """Those of the intents in their order, as far as they do not wait for a list."""
    intents = progress.understanding.intents
    lists = sum(intent.each is not None for intent in intents)
    for place, intent in enumerate(intents, start=1):
        call_id = f"call_{place}"
        listed = progress.outcomes.get(call_id)
        if intent.each is None:
            if listed is None:
                yield _call(call_id, intent.tool, intent.arguments)
            continue
        if listed is None:
            limit = max(1, (MAX_TOOL_CALLS - len(intents)) // lists)
            yield _call(call_id, "list_tasks", {**intent.each, "limit": min(limit, intent.each.get("limit", limit))})
            return
        yield from (call for call in _calls_for_each(call_id, intent, listed) if call.id not in progress.outcomes)


def _calls_for_each(call_id: str, intent: Intent, listed: Outcome) -> Iterator[ToolCall]:
    for number, task in enumerate(listed.result.get("tasks", ()), start=1):
        yield _call(f"{call_id}_{number}", intent.tool, {"task": task["id"], **intent.arguments})


def _call(call_id: str, tool: str, arguments: Mapping[str, Any]) -> ToolCall:
    """What a message takes away is cleared by name: to the tools an argument that is empty is none."""
    cleared = [name for name, value in arguments.items() if value is None or value == []]
    if tool == "update_task" and cleared:
        arguments = {name: value for name, value in arguments.items() if name not in cleared} | {"clear": cleared}
    return ToolCall(call_id, tool, json.dumps(arguments, ensure_ascii=False))


def _message(text: str, calls: tuple[ToolCall, ...] = ()) -> ChatMessage:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
    return message


def _answer(progress: Progress, *, is_cut: bool) -> str:
    understanding = progress.understanding
    if understanding.guidance:
        return guide(understanding.guidance, progress.said, progress.before)
    parts = [_told(f"call_{place}", intent, progress) for place, intent in enumerate(understanding.intents, start=1)]
    parts += [
        NOT_ALL_DONE if is_cut else "",
        NOT_ALL_UNDERSTOOD if understanding.has_unclear_part and not understanding.question else "",
        understanding.question or "",
    ]
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _told(call_id: str, intent: Intent, progress: Progress) -> str:
    outcome = progress.outcomes.get(call_id)
    if outcome is None:
        return ""
    if intent.each is None:
        return describe(outcome, progress.now)
    each = [o for name, o in progress.outcomes.items() if name.startswith(f"{call_id}_")]
    return describe_each(intent.tool, outcome, each, progress.now)
