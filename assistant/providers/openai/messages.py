"""The messages and tools of a prompt, as an endpoint takes them that does not take all of OpenAI's format."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from assistant.providers.base import ChatMessage
from assistant.providers.openai.calls import new_id

# What every endpoint knows of a message, and of a tool call in it.
KNOWN: Final = frozenset({"role", "content", "tool_calls", "tool_call_id", "name"})
KNOWN_OF_CALLS: Final = frozenset({"id", "type", "function"})
# For a model whose server takes no tools: what ``written`` reads.
IN_WORDS: Final = """

To use a tool, write nothing but this, once for each call, and wait for the results:
<tool_call>{"name": "...", "arguments": {...}}</tool_call>
The tools, as JSON Schema:
"""


def unknown_fields(messages: Iterable[ChatMessage]) -> set[str]:
    """Such as ``reasoning``, which came from the endpoint itself and may not be taken back."""
    found: set[str] = set()
    for message in messages:
        found |= message.keys() - KNOWN
        for call in message.get("tool_calls") or ():
            found |= call.keys() - KNOWN_OF_CALLS
    return found


def without(messages: Sequence[ChatMessage], names: Collection[str]) -> Sequence[ChatMessage]:
    if not unknown_fields(messages) & set(names):
        return messages
    return [_without(message, names) for message in messages]


def _without(message: ChatMessage, names: Collection[str]) -> ChatMessage:
    kept = {name: value for name, value in message.items() if name not in names}
    if calls := message.get("tool_calls"):
        kept["tool_calls"] = [{name: value for name, value in call.items() if name not in names} for call in calls]
    return kept


def without_keywords(schema: Any, names: Collection[str]) -> Any:
    """Tools whose arguments are described without these words of JSON Schema."""
    if isinstance(schema, Mapping):
        return {key: without_keywords(value, names) for key, value in schema.items() if key not in names}
    if isinstance(schema, list | tuple):
        return [without_keywords(inner, names) for inner in schema]
    return schema


def with_short_ids(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """Of nine letters and digits: some servers take no others back, not even their own."""
    ids: dict[str, str] = {}
    return [_renamed(message, ids) for message in messages]


def _renamed(message: ChatMessage, ids: dict[str, str]) -> ChatMessage:
    if "tool_call_id" in message:
        return {**message, "tool_call_id": ids.setdefault(message["tool_call_id"], new_id())}
    if "tool_calls" in message:
        calls = [{**call, "id": ids.setdefault(call["id"], new_id())} for call in message["tool_calls"]]
        return {**message, "tool_calls": calls}
    return message


def in_words(messages: Sequence[ChatMessage], tools: Sequence[Mapping[str, Any]]) -> Sequence[ChatMessage]:
    """Calls and results as text, and the tools as part of the instructions."""
    told = list(_told(messages))
    if tools:
        described = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
        told[0] = {**told[0], "content": f"{told[0]['content']}{IN_WORDS}{described}"}
    return told


def _told(messages: Sequence[ChatMessage]) -> Iterator[ChatMessage]:
    results: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            results.append(f"<tool_response>{message['content']}</tool_response>")
            continue
        if results:
            # As one: those of many models take turns.
            yield {"role": "user", "content": "\n".join(results)}
            results = []
        yield _written(message) if message.get("tool_calls") else message
    if results:
        yield {"role": "user", "content": "\n".join(results)}


def _written(message: ChatMessage) -> ChatMessage:
    lines = [message.get("content") or ""]
    for call in message["tool_calls"]:
        function = call["function"]
        written = {"name": function["name"], "arguments": json.loads(function["arguments"])}
        lines.append(f"<tool_call>{json.dumps(written, ensure_ascii=False)}</tool_call>")
    return {"role": message["role"], "content": "\n".join(filter(None, lines))}
