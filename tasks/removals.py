"""How tasks leave: to the trash, or for good."""

import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from core import quotas
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind
from tasks.acts import Act
from tasks.edits import Update, Versions
from tasks.entries import TASKS, Pen
from tasks.models import Entry, Kind, Task, TrashedTask
from tasks.rows import columns, fetch, stored_columns
from tasks.single_edits import NUMBER, condition

# As ``single_edits.EDIT``.
TRASH: Final = """
    before AS MATERIALIZED (SELECT id, version FROM tasks_task WHERE user_id = {owner} AND id = %(id)s{versions}),
    number AS ({number}), gone AS (
        DELETE FROM tasks_task AS task USING before, number
        WHERE task.user_id = {owner} AND task.id = %(id)s AND task.version = before.version
        RETURNING task.*
    ), kept AS (
        INSERT INTO tasks_trashedtask ({columns}, deleted_at)
        SELECT {columns}, (SELECT changed_at FROM number) FROM gone
    ), noted AS (
        INSERT INTO tasks_entry ("user_id", version, task_id, kind, via, by, at, changes)
        SELECT {owner}, number.version, gone.id, {kind}, %(via)s::smallint, %(by)s::text, number.changed_at, '{{}}'
        FROM number LEFT JOIN gone ON TRUE
    )
"""


def trash_at_once(owner: Owner, task_id: uuid.UUID, versions: Versions, act: Act) -> Statement:
    """PostgreSQL's, of one task: the number of its deletion if it was there, at one of ``versions``. Raises as
    ``edit_at_once``.
    """
    values = {"id": task_id, "now": timezone.now(), "via": act.via.value, "by": act.by}
    values |= {f"at_{number}": version for number, version in enumerate(versions or ())}
    if not owner.proof:
        values["owner"] = owner.user_id
    before = _trash(owner.sql("") or "CAST(%(owner)s AS text)", condition(versions))
    return Statement("SELECT version FROM number", values, True, before)


@cache
def _trash(owner: str, versions: str) -> str:
    number = NUMBER.format(owner=owner)
    return TRASH.format(
        owner=owner, versions=versions, number=number, columns=stored_columns(), kind=Kind.TRASHED.value
    )


def trash(pen: Pen, user_id: str, task_ids: Collection[uuid.UUID], versions: Versions) -> dict[uuid.UUID, int]:
    """Those that are there and at one of ``versions``, each with the number of its deletion."""
    chosen = Update({task_id: {} for task_id in task_ids}, pen.at)
    where = chosen.condition(Owner(user_id), versions)
    moving = (
        f"INSERT INTO tasks_trashedtask ({stored_columns()}, deleted_at)"  # noqa: S608 - columns of the model
        f" SELECT {stored_columns()}, %(deleted_at)s FROM tasks_task WHERE {where}"
    )
    with connection.cursor() as cursor:
        cursor.execute(moving, chosen.parameters | {"deleted_at": bind(TrashedTask, "deleted_at", pen.at)})
    return {task_id: pen.note(task_id, Kind.TRASHED) for task_id in _take_out("tasks_task", user_id, chosen, where)}


def delete(
    pen: Pen, user_id: str, task_ids: Collection[uuid.UUID], versions: Versions, *, trashed_too: bool
) -> dict[uuid.UUID, int]:
    """As ``trash``, for good."""
    chosen = Update({task_id: {} for task_id in task_ids}, pen.at)
    where = chosen.condition(Owner(user_id), versions)
    gone = _take_out("tasks_task", user_id, chosen, where)
    if trashed_too:
        gone += _take_out("tasks_trashedtask", user_id, chosen, where)
    forget(user_id, gone)
    return {task_id: pen.note(task_id, Kind.DELETED) for task_id in gone}


def forget(user_id: str, task_ids: Collection[uuid.UUID]) -> None:
    """What the journal knows of them but that there was something; and others may have their places."""
    if task_ids:
        quotas.give_back(user_id, TASKS, len(task_ids))
        Entry.objects.filter(user_id=user_id, task_id__in=task_ids).update(changes={})


def make_room(user_id: str, count: int) -> bool:
    """For so many, at the cost of the oldest in the trash, behind the owner's lock. False: that would not be enough."""
    wanted = count - quotas.room(user_id, TASKS)
    trashed = TrashedTask.objects.filter(user_id=user_id).order_by("deleted_at", "id")
    oldest = list(trashed.values_list("id", flat=True)[: max(0, wanted)])
    if len(oldest) < wanted:
        return False
    purge(user_id, oldest)
    return True


def purge(user_id: str, task_ids: Collection[uuid.UUID]) -> int:
    """Those of them that are in the trash, behind the owner's lock; returns how many. For whoever looks for tasks that
    changes nothing.
    """
    trashed = TrashedTask.objects.filter(user_id=user_id, id__in=task_ids)
    doomed = list(trashed.values_list("id", flat=True))
    trashed.delete()
    forget(user_id, doomed)
    return len(doomed)


def restore(pen: Pen, user_id: str, task_ids: Collection[uuid.UUID], versions: Versions) -> Mapping[uuid.UUID, Task]:
    """Those in the trash at one of ``versions``, as they were but for version and ``updated_at``."""
    chosen = Update({task_id: {} for task_id in task_ids}, pen.at)
    where = chosen.condition(Owner(user_id), versions)
    deleted = TrashedTask.objects.filter(user_id=user_id, id__in=task_ids)
    deleted_at = dict(deleted.values_list("id", "deleted_at"))
    back = fetch(user_id, lambda _: Statement(_restoring(where), chosen.parameters, is_change=True))
    _take_out("tasks_trashedtask", user_id, chosen, where)
    for task in back.values():
        task.number = pen.note(task.id, Kind.RESTORED, {"deleted_at": (deleted_at[task.id], None)})
    return back


def _restoring(where: str) -> str:
    moved = {'"version"': "version + 1", '"updated_at"': "%(now)s"}
    values = ", ".join(moved.get(name, name) for name in stored_columns().split(", "))
    return f"INSERT INTO tasks_task AS task ({stored_columns()}) SELECT {values} FROM tasks_trashedtask WHERE {where} RETURNING {columns()}"  # noqa: S608, E501 - columns of the model, values are parameters


def _take_out(table: str, user_id: str, chosen: Update, where: str) -> list[uuid.UUID]:
    statement = Statement(f"DELETE FROM {table} WHERE {where} RETURNING id", chosen.parameters, is_change=True)  # noqa: S608 - values are parameters
    return [_id(row[0]) for row in owned.fetch(user_id, lambda _: statement)]


def _id(value: Any) -> uuid.UUID:
    """SQLite has none."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
