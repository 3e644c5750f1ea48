"""How the pieces of a streamed message become one. Of what is unknown here everything stays."""

import re
from collections.abc import Mapping
from typing import Any, Final

# What comes in pieces. Of everything else the last value stands.
GROWING: Final = frozenset({"content", "refusal", "arguments", "reasoning", "reasoning_content", "text", "summary"})
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
# Far more than anybody sends. How deep Python itself goes depends on its version and on who calls.
MAX_NESTING: Final = 100


class Nonsense(Exception):
    """The answer is not of the format, or out of all bounds."""


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Nonsense("shape")
    return value


def storable(value: Any, room: int = MAX_NESTING) -> Any:
    """Without the characters that no database takes and no UTF-8 has. Raises ``Nonsense``."""
    if room < 0:
        raise Nonsense("nesting")
    match value:
        case str():
            return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {name: storable(inner, room - 1) for name, inner in value.items()}
        case list():
            return [storable(inner, room - 1) for inner in value]
    return value


def merge(whole: dict[str, Any], part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        before = whole.get(name)
        if isinstance(value, Mapping):
            whole[name] = before if isinstance(before, dict) else {}
            merge(whole[name], value)
        elif isinstance(value, list):
            whole[name] = before if isinstance(before, list) else []
            _extend(whole[name], value)
        elif name in GROWING and isinstance(before, str) and isinstance(value, str):
            whole[name] = before + value
        elif value not in (None, "") or (value == "" and name not in whole):
            whole[name] = value


def _extend(items: list[Any], parts: list[Any]) -> None:
    for part in parts:
        if not isinstance(part, Mapping):
            items.append(part)
            continue
        item = next((item for item in reversed(items) if _continues(part, item)), None)
        if item is None:
            item = {}
            items.append(item)
        merge(item, part)


def _continues(part: Mapping[str, Any], item: Any) -> bool:
    """Whether ``part`` is more of ``item``: of the same index, and of no other id or type."""
    if not isinstance(item, dict) or any(
        part.get(name) and item.get(name) and part[name] != item[name] for name in ("id", "type")
    ):
        return False
    return part.get("index") is not None and bool(part["index"] == item.get("index"))
