"""Where a request reads its caller's tasks, and one of them as it is answered."""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.replica import reading
from core.sql.replica.reading import Fetch
from core.sql.statements import bind, is_postgresql
from tasks.entries import STATE
from tasks.models import Task
from tasks.representation import from_stored, shown
from tasks.rows import WrittenTask
from tasks.services import task_not_found
from tasks.statements import visible_sql


def reader() -> Fetch:
    """Of one request; each of its reads is of a moment after its caller was proven, though not all of the same one."""
    return reading.reader(STATE)


def read_task(user_id: str, task_id: uuid.UUID, fetch: Fetch = owned.fetch) -> WrittenTask:
    """Raises ``NotFound``."""

    def build(owner: Owner) -> Statement:
        sql = f"SELECT {written_columns()}, version FROM tasks_task WHERE {visible_sql(owner.sql('%s'))} AND id = %s"  # noqa: S608 - texts of ours
        return Statement(sql, [*owner.values, bind(Task, "id", task_id)])

    rows = fetch(user_id, build)
    if not rows:
        raise task_not_found()
    return WrittenTask(task_id, _write(rows[0]), rows[0][1 if is_postgresql() else len(shown().fields)])


def written_columns() -> str:
    return shown().json_sql if is_postgresql() else shown().stored_sql


def _write(row: Sequence[Any]) -> bytes:
    return str(row[0]).encode() if is_postgresql() else orjson.dumps(from_stored([row])[0])
