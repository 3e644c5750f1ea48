"""The arguments of a tool call as they were meant: models fill in blanks, put lists and numbers into texts, and leave
offsets out. Only of what the tools are told to have; what then makes no sense is for who reads it.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from assistant.tools.definitions import CLEARABLE, INSTANT, TOOLS
from assistant.tools.results import Arguments

SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    tool["function"]["name"]: tool["function"]["parameters"]["properties"] for tool in TOOLS
}
# What some write for nothing; a title or a search may be one of these words.
NOTHING: Final = frozenset({"null", "none", "undefined", "unset", "n/a", "nil"})
FREE: Final = frozenset({"task", "title", "description", "query"})
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
SECONDS: Final = re.compile(r"\d:\d\d:\d")
# As a day without a time is kept.
LAST_MINUTE: Final = time(23, 59)


def tidy(tool: str, arguments: Arguments, now: datetime) -> Arguments:
    """``now`` is in the person's zone. Raises ``ValidationError`` for what is both given and cleared."""
    schemas = SCHEMAS.get(tool, {})
    meant = {name: _meant(name, value, schemas.get(name), now) for name, value in arguments.items()}
    given = {name: value for name, value in meant.items() if name not in schemas or not _is_blank(name, value)}
    if len(given) < len(meant):
        # Who fills in blanks means nothing by an empty list either.
        given = {name: value for name, value in given.items() if value != [] or name not in schemas}
    return _cleared(given) if "clear" in schemas else given


def _is_blank(name: str, value: Any) -> bool:
    """Not sent, by whatever sends something for each argument."""
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    return not value.strip() or (name not in FREE and value.strip().lower() in NOTHING)


def _meant(name: str, value: Any, schema: Mapping[str, Any] | None, now: datetime) -> Any:
    if schema is None:
        return value
    if name == "task" and isinstance(value, Mapping) and isinstance(value.get("id"), str):
        return value["id"]
    if schema is INSTANT:
        return _instant(name, value, now)
    read = READERS.get("enum" if "enum" in schema else schema["type"])
    return read(value) if read and isinstance(value, str) else value


def _words(text: str) -> Any:
    """A list that came as a text: JSON, or words with commas."""
    if text.strip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    words = [word.strip().removeprefix("#") for word in text.split(",")]
    return [word for word in words if word and word.lower() not in NOTHING]


def _whole(text: str) -> Any:
    return int(text) if re.fullmatch(r"\s*\d{1,9}\s*", text) else text


def _word(text: str) -> str:
    return text.strip().lower()


READERS: Final[Mapping[str, Callable[[str], Any]]] = {"array": _words, "integer": _whole, "enum": _word}


def _instant(name: str, value: Any, now: datetime) -> Any:
    """A time without an offset is the person's; a day without a time is over at its end where something is due."""
    if not isinstance(value, str):
        return value
    try:
        told = datetime.fromisoformat(value.strip().upper())
    except ValueError:
        return value
    if told.tzinfo:
        return value if SECONDS.search(value) else told.isoformat(timespec="seconds")
    if DAY.fullmatch(value.strip()) and name == "due_at":
        told = datetime.combine(told, LAST_MINUTE)
    return told.replace(tzinfo=now.tzinfo).isoformat(timespec="seconds")


def _cleared(arguments: Mapping[str, Any]) -> Arguments:
    """Raises ``ValidationError``."""
    names = arguments.get("clear", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name in CLEARABLE for name in names):
        raise ValidationError({"clear": [f"Must be a list of some of {', '.join(CLEARABLE)}."]})
    if both := [name for name in names if name in arguments]:
        raise ValidationError({"clear": [f"{both[0]} is given too."]})
    return arguments
