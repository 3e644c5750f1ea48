"""One answer out of the chunks of a stream (OpenAI's chat completions), whole and as it came.

Our own, because the SDK's accumulation needs each tool call's ``index``, which Gemini leaves out, and joins
every text, also an ``id`` that some services repeat in each chunk. What is unknown here stays in the message:
Gemini refuses the next call of a turn without its ``extra_content.google.thought_signature``, others want
their reasoning back.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from assistant.providers.base import ToolCall

MAX_TEXT: Final = 65_536
MAX_ARGUMENTS: Final = 65_536
MAX_CALLS: Final = 64
# What comes in pieces. Of everything else the last value stands.
GROWING: Final = frozenset({"content", "refusal", "arguments", "reasoning", "reasoning_content", "text", "summary"})

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class Nonsense(Exception):
    """The answer is not of the format, or out of all bounds."""


class Completion:
    def __init__(self) -> None:
        self._message: dict[str, Any] = {}
        self.has_begun = False
        self.finish: str | None = None
        # As the provider counts; None while it has not.
        self.tokens: int | None = None

    def add(self, chunk: Mapping[str, Any]) -> str:
        """Returns the text that came with it. Raises ``Nonsense``."""
        usage = _mapping(chunk.get("usage") or {})
        if isinstance(total := usage.get("total_tokens"), int) and total > 0:
            self.tokens = total
        choices = chunk.get("choices") or []
        if not isinstance(choices, list):
            raise Nonsense("choices")
        try:
            # The last chunk holds the usage and no choice.
            return self._add_choice(_mapping(choices[0])) if choices else ""
        except RecursionError:
            raise Nonsense("nesting") from None

    def _add_choice(self, choice: Mapping[str, Any]) -> str:
        self.has_begun = True
        self.finish = choice.get("finish_reason") or self.finish
        delta = _mapping(_storable(choice.get("delta") or {}))
        _merge(self._message, delta)
        self._check()
        return "".join(delta.get(name) or "" for name in ("content", "refusal"))

    def _check(self) -> None:
        if not isinstance(self.text, str) or len(self.text) > MAX_TEXT:
            raise Nonsense("text")
        calls = self._message.get("tool_calls", [])
        if len(calls) > MAX_CALLS:
            raise Nonsense("calls")
        functions = [_mapping(_mapping(call).get("function", {})) for call in calls]
        if not all(isinstance(function.get("arguments", ""), str) for function in functions):
            raise Nonsense("arguments")
        if sum(len(function.get("arguments", "")) for function in functions) > MAX_ARGUMENTS:
            raise Nonsense("arguments")

    @property
    def text(self) -> Any:
        """A text, once ``add`` has let it pass. A refusal is one too."""
        return self._message.get("content") or self._message.get("refusal") or ""

    @property
    def message(self) -> dict[str, Any]:
        """To be sent back: without nulls, and without the places in the stream, which are no part of it."""
        message = {"role": "assistant", **self._message}
        if calls := message.get("tool_calls"):
            named = [{"id": f"call_{uuid.uuid4().hex}", "type": "function", **call} for call in calls]
            message["tool_calls"] = [{n: v for n, v in call.items() if n != "index"} for call in named]
        return {name: value for name, value in message.items() if value not in ("", [])}


def tool_calls(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """Raises ``Nonsense`` for a call of nothing."""
    found = []
    for call in message.get("tool_calls", []):
        function = call.get("function", {})
        if not isinstance(name := function.get("name"), str) or not name:
            raise Nonsense("name")
        # Some leave out the arguments of a call without any.
        found.append(ToolCall(str(call["id"]), name, function.get("arguments") or "{}"))
    return tuple(found)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Nonsense("shape")
    return value


def _storable(value: Any) -> Any:
    """Without the characters that no database takes and no UTF-8 has."""
    match value:
        case str():
            return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {name: _storable(inner) for name, inner in value.items()}
        case list():
            return [_storable(inner) for inner in value]
    return value


def _merge(whole: dict[str, Any], part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        before = whole.get(name)
        if isinstance(value, Mapping):
            whole[name] = before if isinstance(before, dict) else {}
            _merge(whole[name], value)
        elif isinstance(value, list):
            whole[name] = before if isinstance(before, list) else []
            _extend(whole[name], value, calls=name == "tool_calls")
        elif name in GROWING and isinstance(before, str) and isinstance(value, str):
            whole[name] = before + value
        elif value not in (None, "") or (value == "" and name not in whole):
            whole[name] = value


def _extend(items: list[Any], parts: list[Any], *, calls: bool) -> None:
    for part in parts:
        if not isinstance(part, Mapping):
            items.append(part)
            continue
        item = next((item for item in reversed(items) if _continues(part, item, calls=calls)), None)
        if item is None:
            item = {}
            items.append(item)
        _merge(item, part)


def _continues(part: Mapping[str, Any], item: Any, *, calls: bool) -> bool:
    """Whether ``part`` is more of ``item``: of the same index, and of no other id or type."""
    if not isinstance(item, dict) or any(
        part.get(name) and item.get(name) and part[name] != item[name] for name in ("id", "type")
    ):
        return False
    if part.get("index") is not None:
        return bool(part["index"] == item.get("index"))
    if not calls:
        return False
    # Without an index a new call has an id or a name of its own, and more of the last one has neither.
    return bool(part["id"] == item.get("id")) if part.get("id") else not (part.get("function") or {}).get("name")
