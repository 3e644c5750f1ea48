"""Tasks as JSON text, a page or one of them, each in one statement that names the owner.

Raw SQL: the ORM takes longer to compile such a statement than the database to run it.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from tasks.models import Task
from tasks.orderings import Ordering, Position, Stretch
from tasks.representation import JSON_SQL, STORED_SQL, write_stored
from tasks.selections import Selection
from tasks.statements import prepared


@dataclass(frozen=True, slots=True)
class Page:
    # A JSON array of tasks.
    json: bytes
    count: int
    # Where the last one stands; None when no task follows it.
    last: Position | None


@dataclass(frozen=True, slots=True)
class WrittenTask:
    json: bytes
    version: int


def read_page(user_id: str, selection: Selection, ordering: Ordering, after: Position | None, size: int) -> Page:
    """Up to ``size`` of the owner's tasks, from behind ``after``."""
    conditions = list(selection.conditions(user_id))
    where = " AND ".join(sql for sql, _ in conditions)
    params = [param for _, some in conditions for param in some]
    # One more than asked for tells whether there is a next page.
    sql, params = _statement(where, params, ordering.stretches(after), size + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    tasks = _texts(rows[:size])
    last = ordering.position_of(orjson.loads(tasks[-1])) if len(rows) > size else None
    return Page(b"[" + b",".join(tasks) + b"]", len(tasks), last)


def read_task(user_id: str, task_id: uuid.UUID) -> WrittenTask:
    """Raises ``NotFound``."""
    with connection.cursor() as cursor:
        sql = f"SELECT {_columns()}, version FROM tasks_task WHERE user_id = %s AND id = %s"  # noqa: S608 - fixed texts
        cursor.execute(sql, [user_id, prepared(Task, "id", task_id)])
        row = cursor.fetchone()
    return WrittenTask(_texts([row])[0], row[-1]) if row else None


def _statement(where: str, params: list[Any], stretches: list[Stretch], limit: int) -> tuple[str, list[Any]]:
    """All values are parameters; the texts come from the modules beside this one."""
    all_params = [param for _, position, _ in stretches for param in (*params, *position)]
    sources = [
        f"tasks_task WHERE {where}{condition and f' AND {condition}'} ORDER BY {order} LIMIT {limit}"
        for condition, _, order in stretches
    ]
    if len(sources) > 1:
        # Append reads its parts in turn, and the second only when the first is too short.
        union = " UNION ALL ".join(f"SELECT * FROM (SELECT * FROM {source}) AS stretch" for source in sources)  # noqa: S608 - as above
        sources = [f"({union}) AS tasks LIMIT {limit}"]
    return f"SELECT {_columns()} FROM {sources[0]}", all_params  # noqa: S608 - as above


def _columns() -> str:
    return JSON_SQL if connection.vendor == "postgresql" else STORED_SQL


def _texts(rows: list[tuple[Any, ...]]) -> list[bytes]:
    if connection.vendor == "postgresql":
        return [row[0].encode() for row in rows]
    return [write_stored(row) for row in rows]
