"""What is stored there, as what is stored here. A ``Misfit`` says what is wrong, never what is written."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from core.ids import EPOCH, uuid7
from todo_project.family.bodies import DONE, PRIORITIES

CHANCE: Final = 2**62 - 1
YES: Final = ("1", "t", "true", "yes")


class Misfit(Exception):
    pass


def stable_uuid7(instant: datetime, *origin: str) -> uuid.UUID:
    """As ``uuid7``, but the same each time for what it is of: its chance is a hash."""
    chance = int.from_bytes(hashlib.sha256("\0".join(origin).encode()).digest()[:8]) & CHANCE
    return uuid.UUID(int=uuid7(instant).int & ~CHANCE | chance)


def instant(value: Any, name: str) -> datetime | None:
    """A time without a zone is one in UTC, as these backends mean it; a date is its midnight."""
    if value is None or value == "":
        return None
    try:
        found = _parsed(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Misfit(f"its {name} is no time of the years to 9999") from None
    if found < EPOCH:
        raise Misfit(f"its {name} is before 1970")
    return found


def _parsed(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float):
        # Better Auth's adapters for SQLite keep seconds or milliseconds.
        return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC)
    return datetime.fromisoformat(value)


def flag(value: Any) -> bool:
    return value.lower() in YES if isinstance(value, str) else bool(value)


def text(value: Any, name: str) -> str:
    """Raises ``Misfit`` for what is none, and for what PostgreSQL does not store."""
    if isinstance(value, bytes | list | dict):
        raise Misfit(f"its {name} is no text")
    found = "" if value is None else str(value)
    if "\0" in found or any("\ud800" <= character <= "\udfff" for character in found):
        raise Misfit(f"its {name} holds a character that cannot be stored")
    return found


def short(value: str, length: int, what: str, remarks: Counter[str]) -> str:
    """Cut to ``length``, which is remarked on."""
    whole = value.strip()
    if len(whole) > length:
        remarks[f"{what} were cut to {length} characters"] += 1
    return whole[:length]


def priority(value: Any) -> Any:
    """In our words, or as it is, for the rules of a task to refuse. SQLAlchemy stores the names of an enum."""
    word = "none" if value in (None, "") else value
    return PRIORITIES.get(word.lower(), word) if isinstance(word, str) else word


def tags(value: Any) -> Any:
    """A list, its JSON, or words with commas between. A word with spaces in it becomes one with hyphens."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.lstrip().startswith(("[", "null")) else value.split(",")
        except (ValueError, RecursionError):
            raise Misfit("its tags are no list") from None
    if not isinstance(value, list | None):
        raise Misfit("its tags are no list")
    if not all(isinstance(tag, str) for tag in value or ()):
        raise Misfit("its tags are no words")
    return ["-".join(tag.split()) for tag in value or () if tag.strip()]


def completed(row: Any) -> bool:
    if "completed" in row:
        return flag(row["completed"])
    return str(row.get("status") or "").lower() in (*DONE, "complete")


def digest(values: Sequence[Any]) -> int:
    """Of one row; those of many are added up, in whatever order."""
    written = "\0".join(value.isoformat() if isinstance(value, datetime) else repr(value) for value in values)
    return int.from_bytes(hashlib.sha256(written.encode()).digest()[:8])
