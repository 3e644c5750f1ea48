"""What has been done to one task, the last first."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from core.models import Usage
from core.times import format_timestamp, parse_timestamp
from tasks.entries import MAX_ENTRIES, TASKS
from tasks.models import Entry, Kind, Via
from tasks.representation import PRIORITY_NAMES

INSTANTS = ("completed_at", "due_at", "deleted_at")


def read_entries(user_id: str, task_id: uuid.UUID, before: int | None, limit: int) -> list[Entry]:
    last = Usage.objects.filter(user_id=user_id, kind=TASKS).values_list("version", flat=True).first() or 0
    entries = Entry.objects.filter(user_id=user_id, task_id=task_id, version__gt=last - MAX_ENTRIES)
    if before is not None:
        entries = entries.filter(version__lt=before)
    return list(entries.order_by("-version")[:limit])


def write_entry(entry: Entry) -> bytes:
    return orjson.dumps(represent_entry(entry))


def represent_entry(entry: Entry) -> dict[str, Any]:
    return {
        "version": entry.version,
        "at": format_timestamp(entry.at),
        "by": entry.by or (None if entry.via == Via.COMMAND else entry.user_id),
        "via": Via(entry.via).label,
        "changes": dict(_changes(entry)),
    }


def _changes(entry: Entry) -> Iterator[tuple[str, list[Any]]]:
    """In the words of a task."""
    changes: Mapping[str, list[Any]] = entry.changes
    if entry.kind == Kind.TRASHED:
        changes = {"deleted_at": [None, format_timestamp(entry.at)]}
    for name, pair in changes.items():
        if name == "completed_at":
            yield "completed", [value is not None for value in pair]
        yield name, [_shown(name, value) for value in pair]


def _shown(name: str, value: Any) -> Any:
    if value is not None and name in INSTANTS:
        return format_timestamp(parse_timestamp(value))
    return PRIORITY_NAMES[value] if name == "priority" and value is not None else value
