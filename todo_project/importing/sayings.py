"""Who said a message there, and what of it has no place here."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from assistant.models import Role
from todo_project.importing.source import Row

# In lower case: SQLAlchemy stores the names of an enum.
SPEAKERS: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("user", "human", "person"), Role.PERSON),
    **dict.fromkeys(("assistant", "ai", "bot", "model"), Role.ASSISTANT),
}
# How a call names its tool.
NAMES: Final = ("tool", "name", "tool_name", "toolName")
# What a role or a tool may be called to be shown.
SHOWN: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Placeless(Exception):
    """None like this message is kept here; says what they are."""


def is_persons(row: Row) -> bool:
    return _speaker(row) == Role.PERSON


def speaker(row: Row) -> Role:
    """Raises ``Placeless``."""
    found = _speaker(row)
    if found is None:
        raise Placeless(f"messages of role {_shown(row['role'])}")
    if not row["content"] and any(tools(row)):
        raise Placeless("messages that only call tools")
    return found


def tools(row: Row) -> Iterator[str]:
    """The names of the tools that it calls. They stay behind: they know tasks by ids that are no more."""
    calls = _read(row.get("tool_calls"))
    for call in calls if isinstance(calls, list) else ():
        yield _shown(_name(call))


def _speaker(row: Row) -> Role | None:
    return SPEAKERS.get(str(row["role"]).lower())


def _read(calls: Any) -> Any:
    if not isinstance(calls, str):
        return calls
    try:
        return json.loads(calls)
    except (ValueError, RecursionError):
        return None


def _name(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    function = call.get("function")
    if isinstance(function, dict):
        return function.get("name")
    return next((call[name] for name in NAMES if name in call), None)


def _shown(word: Any) -> str:
    text = word.lower() if isinstance(word, str) else ""
    return text if SHOWN.fullmatch(text) else "(another)"
