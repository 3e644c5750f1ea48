"""What a prompt holds that its answer is read by."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from assistant.providers.base import ChatMessage, Prompt


def tool_names(prompt: Prompt) -> Collection[str]:
    """Of the tools, also of those that can be used no more: a call that is written then is no text for a person."""
    used = (call["function"]["name"] for message in prompt.messages for call in message.get("tool_calls") or ())
    return {*used, *(tool["function"]["name"] for tool in prompt.tools)}


def call_ids(messages: Collection[ChatMessage]) -> Collection[str]:
    return {call["id"] for message in messages for call in message.get("tool_calls") or ()}


def told_texts(messages: Collection[ChatMessage]) -> Collection[str]:
    """What a model may quote: all that it was told but by itself."""
    return [text for message in messages if message["role"] in ("user", "tool") for text in _texts(message["content"])]


def _texts(content: Any) -> Iterator[str]:
    """Those in a text too that is JSON, as results are."""
    if isinstance(content, str):
        yield content
        try:
            inner = json.loads(content) if content.startswith("{") else None
        except ValueError:
            return
        content = inner
    if isinstance(content, Mapping):
        content = list(content.values())
    if isinstance(content, list):
        for value in content:
            yield from _texts(value)
