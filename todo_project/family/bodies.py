"""Other names and words in the body of a task, as the service's own."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from core.times import format_timestamp, parse_timestamp
from tasks.models import Priority, Task

PRIORITIES: Final = {priority.label: priority.label for priority in Priority} | {
    "urgent": "high",
    "critical": "high",
    "normal": "medium",
    "none": "medium",
}
DONE: Final = ("completed", "done")
WHETHER: Final = ("completed", "is_completed")
DUE: Final = ("due_at", "due_date", "dueDate")
# A date, or a time whose seconds and offset may be missing.
DATE_OR_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
WORDS: Final = frozenset({"priority", "status", *WHETHER, *DUE})
# The task as it is stored; None: there is none yet.
Stored = Callable[[], Task | None]


def usual(body: Mapping[str, Any], task_id: str | None, stored: Stored) -> dict[str, Any]:
    """``task_id`` is the path's. ``stored`` is asked where spellings differ: the one that is not what is stored is
    the one that was changed. Raises ``ValidationError`` naming the spelling at fault.
    """
    if WORDS.isdisjoint(body):
        return dict(body)
    return {**body, **_priority(body), **_completion(body, task_id, stored), **_due(body, stored)}


def _priority(body: Mapping[str, Any]) -> dict[str, Any]:
    if "priority" not in body:
        return {}
    word = body["priority"]
    if word is None:
        return {"priority": Priority.MEDIUM.label}
    # What is no word of anybody's the service itself refuses.
    return {"priority": PRIORITIES.get(word.lower(), word) if isinstance(word, str) else word}


def _completion(body: Mapping[str, Any], task_id: str | None, stored: Stored) -> dict[str, Any]:
    said = {name: body[name] for name in WHETHER if isinstance(body.get(name), bool)}
    status = read_status(body.get("status"), is_needed=not said)
    if status is not None:
        said["status"] = status
    if len(set(said.values())) < 2:
        return {"completed": status} if list(said) == ["status"] else {}
    own = stored() if task_id and str(body.get("id")).lower() == task_id.lower() else None
    if own is None:
        raise _contradiction([*said][-1], "completed")
    return dict.fromkeys(said, not own.completed)


def read_status(word: Any, *, is_needed: bool) -> bool | None:
    """Whether a task of this status is completed; None where nothing is said."""
    if word is None or (word == "" and not is_needed):
        return None
    if not isinstance(word, str) or not word:
        raise ValidationError({"status": ["Must be a word, such as completed or pending."]}, code="invalid")
    return word.lower() in DONE


def _due(body: Mapping[str, Any], stored: Stored) -> dict[str, Any]:
    sent = {name: body[name] for name in DUE if name in body}
    if not sent.keys() - {"due_at"}:
        return {}
    is_full = any(isinstance(value, str) and value for value in sent.values())
    said = {name: _instant(name, value) for name, value in sent.items() if value != "" or not is_full}
    told = set(said.values())
    if len(told) > 1:
        task = stored()
        told -= {task.due_at if task else None}
        if len(told) > 1:
            raise _contradiction([*said][-1], next(iter(said)))
    due = told.pop()
    return {"due_at": due and format_timestamp(due)}


def _instant(name: str, value: Any) -> datetime | None:
    if value is None or (value == "" and name != "due_at"):
        return None
    try:
        return parse_timestamp(value) if name == "due_at" else read_date_or_time(value)
    except (TypeError, ValueError) as error:
        detail = "Must be a date or a time, such as 2026-01-14 or 2026-01-14T10:00:00Z."
        raise ValidationError({name: [detail]}, code="invalid") from error


def read_date_or_time(text: str) -> datetime:
    """A date is its midnight, a time without an offset is one, in UTC. Raises ``ValueError``, ``TypeError``."""
    match = DATE_OR_TIME.fullmatch(text)
    if match is None:
        raise ValueError("no date and no time")
    day, minutes, seconds, offset = match.groups()
    return parse_timestamp(f"{day}T{minutes or '00:00'}{seconds or ':00'}{offset or 'Z'}")


def _contradiction(name: str, other: str) -> ValidationError:
    return ValidationError({name: [f"Must be the same as {other}."]}, code="contradiction")
