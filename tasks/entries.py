"""The journal: one entry for each change of a task, under the next number of its owner.

**Numbers.** The last one stands in the owner's row of ``core.Usage``. Whoever changes a task locks that row before
the task and holds it to the end of the transaction, so numbers are given in the order of commits: who has seen one has
seen all before it, and none is spent where nothing changed. It is the first lock of everybody who writes, so no two
wait for each other.

On PostgreSQL the busiest changes are one statement that does all of this (``tasks.insertions``, ``tasks.edits``,
``tasks.removals``). Everything else, and SQLite, goes by a ``Pen``.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import news
from core.models import Usage
from core.sql.statements import bind, bind_each, is_postgresql, prepared_cursor
from core.times import format_timestamp
from tasks.acts import Act
from tasks.models import Entry, Kind, Priority, Task

# The kind of the owner's row.
TASKS: Final = "tasks"
# What of a task is changed, each with what it is at its creation unless told.
INITIAL: Final[Mapping[str, Any]] = {
    "title": None,
    "description": None,
    "completed_at": None,
    "priority": Priority.MEDIUM,
    "due_at": None,
    "tags": [],
}
Changes = Mapping[str, tuple[Any, Any]]
# Of an owner. Older ones are told no more, whether or not they have been pruned.
MAX_ENTRIES: Final = 100_000
NOT_NULL: Final = "23502"


class Pen:
    """Writes into one owner's journal, within a transaction that has their row locked."""

    def __init__(self, user_id: str, act: Act, now: datetime | None = None) -> None:
        self._user_id, self._act = user_id, act
        self.version, before = hold(user_id) or (0, None)
        # Of everything this transaction does: no later change is earlier.
        self.at = max(now or timezone.now(), before or datetime.min.replace(tzinfo=UTC))
        self._entries: list[dict[str, Any]] = []

    def note(self, task_id: uuid.UUID, kind: Kind, changes: Changes | None = None) -> int:
        """The number of the change."""
        self.version += 1
        self._entries.append({
            "user": self._user_id, "version": self.version, "task_id": task_id, "kind": kind,
            "via": self._act.via, "by": self._act.by, "at": self.at, "changes": plain(changes or {}),
        })  # fmt: skip
        return self.version

    def close(self) -> None:
        if not self._entries:
            return
        rows = [bind_each(Entry, entry) for entry in self._entries]
        moved = {"version": self.version, "changed_at": bind(Usage, "changed_at", self.at), "user": self._user_id}
        with connection.cursor() as cursor:
            cursor.execute(_insertion(len(rows)), [value for row in rows for value in row.values()])
            cursor.execute(ADVANCE, moved)
        news.announce(self._user_id)


# The row is there, and locked, but for an owner's first task.
ADVANCE: Final = """
    INSERT INTO core_usage ("user_id", kind, used, version, changed_at)
    VALUES (%(user)s, 'tasks', 0, %(version)s, %(changed_at)s)
    ON CONFLICT (user_id, kind) DO UPDATE SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
"""
HOLD: Final = "SELECT version, changed_at FROM core_usage WHERE user_id = %s AND kind = 'tasks'"
# Of an owner, an expression.
LAST_NUMBER: Final = "SELECT version FROM core_usage WHERE user_id = {owner} AND kind = 'tasks'"
# A text, in PostgreSQL. No other state of an owner's tasks has the same, nor has one of an account that was deleted.
STATE: Final = """
    SELECT concat(version, ' ', extract(epoch FROM changed_at)) FROM core_usage
    WHERE user_id = {owner} AND kind = 'tasks'
"""
COLUMNS: Final = '("user_id", version, task_id, kind, via, by, at, changes)'


@contextmanager
def writing(user_id: str, act: Act, now: datetime | None = None) -> Iterator[Pen]:
    """In one transaction what is changed inside and its entries."""
    with transaction.atomic():
        pen = Pen(user_id, act, now)
        yield pen
        pen.close()


def hold(user_id: str) -> tuple[int, datetime | None] | None:
    """Until the end of the transaction nobody else changes a task of this owner; the number of the last change, and
    when it was. None where there is no row to lock, and so no task.
    """
    suffix = " FOR NO KEY UPDATE" if is_postgresql() else ""
    with prepared_cursor() as cursor:
        cursor.execute(HOLD + suffix, [user_id])
        row = cursor.fetchone()
    return row and (row[0], _instant(row[1]))


@dataclass(slots=True)
class Span:
    """The numbers of what one transaction did; ``first`` > ``last`` where that is nothing."""

    first: int = 1
    last: int = 0


@contextmanager
def spanning(user_id: str) -> Iterator[Span]:
    """In a transaction, and ahead of what it changes. The numbers are told at the end."""
    before = _last_number(user_id)
    span = Span(before + 1, before)
    yield span
    span.last = _last_number(user_id)


def _last_number(user_id: str) -> int:
    held = hold(user_id)
    return held[0] if held else 0


def differences(before: Task | None, after: Task) -> Changes:
    """Each column that is another, with its value before and after; ``before`` None: after's creation."""
    pairs = ((name, getattr(before, name) if before else new, getattr(after, name)) for name, new in INITIAL.items())
    return {name: (was if before else None, now) for name, was, now in pairs if was != now}


def first_values(fields: Mapping[str, Any]) -> Changes:
    """As ``differences`` of a new task, from its fields."""
    return {name: (None, fields[name]) for name, new in INITIAL.items() if name in fields and fields[name] != new}


def plain(changes: Changes) -> dict[str, list[Any]]:
    return {name: [_plain(value) for value in values] for name, values in changes.items()}


def written(changes: Changes) -> str:
    return orjson.dumps(plain(changes)).decode()


def is_outrun(error: IntegrityError) -> bool:
    """Whether a single statement was refused because the task had changed between its snapshot and its lock: there
    was no task to be noted, and nothing was done.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    return bool(diagnosis and diagnosis.sqlstate == NOT_NULL and diagnosis.table_name == "tasks_entry")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_timestamp(value)
    return int(value) if isinstance(value, Priority) else value


def _instant(value: datetime | None) -> datetime | None:
    """SQLite's are without their zone."""
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


@cache
def _insertion(count: int) -> str:
    row = f"({', '.join(['%s'] * 8)})"
    return f"INSERT INTO tasks_entry {COLUMNS} VALUES {', '.join([row] * count)}"  # noqa: S608 - words of ours
