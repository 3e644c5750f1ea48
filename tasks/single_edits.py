"""A change to one task, its number and its entry in one statement: PostgreSQL's."""

import uuid
from functools import lru_cache
from typing import Any, Final

from django.utils import timezone

from core.sql.owned import Owner, Statement
from core.sql.statements import bind
from tasks.acts import Act
from tasks.edits import COMPLETED_AT, AllBut, Changes, Versions, derived
from tasks.models import Kind, Task
from tasks.rows import Columns, columns

# Filled with what ``_edit`` makes of the names of the fields. What differs is looked for by the snapshot, and written
# under the lock to the same version of the task: else it was outrun, and has no task to note.
EDIT: Final = """
    before AS MATERIALIZED (
        SELECT id, version, {names} FROM tasks_task WHERE user_id = {owner} AND id = %(id)s{versions} AND ({differs})
    ), number AS ({number}), written AS (
        UPDATE tasks_task AS task SET {assignments}, version = task.version + 1, updated_at = {now}
        FROM before, number
        WHERE task.user_id = {owner} AND task.id = %(id)s AND task.version = before.version
        RETURNING {columns}, task.is_plain, number.version AS number, {changes} AS changes
    ), noted AS (
        INSERT INTO tasks_entry ("user_id", version, task_id, kind, via, by, at, changes)
        SELECT {owner}, number.version, written.id, {kind}, %(via)s::smallint, %(by)s::text, number.changed_at,
            coalesce(written.changes, '{{}}')
        FROM number LEFT JOIN written ON TRUE
    )
"""
# Of the one change in ``before``.
NUMBER: Final = """
    INSERT INTO core_usage AS held (user_id, kind, used, version, changed_at)
    SELECT {owner}, 'tasks', 0, 1, %(now)s FROM before
    ON CONFLICT (user_id, kind) DO UPDATE
    SET version = held.version + 1, changed_at = GREATEST(held.changed_at, EXCLUDED.changed_at)
    RETURNING version, changed_at
"""
# Tasks may be older than their owner's count of changes, and from a clock that went ahead.
NOW: Final = "GREATEST(task.updated_at, number.changed_at)"
IN_JSON: Final = {"tags": "{0}.tags::jsonb"}


def edit_at_once(
    owner: Owner, task_id: uuid.UUID, changes: Changes, versions: Versions, act: Act, told: Columns
) -> Statement:
    """PostgreSQL's: the task if it is there, at one of ``versions`` and changed by this, with its number. Raises an
    ``IntegrityError`` (``entries.is_outrun``) where another change came between.
    """
    stored = {name: bind(Task, name, value) for name, value in changes.items() if name != "completed"}
    also = {name: bind(Task, name, value) for name, value in derived(changes).items()}
    values = {f"v_{name}": value for name, value in (stored | also).items() if value is not None}
    values |= {"id": task_id, "now": timezone.now(), "via": act.via.value, "by": act.by}
    place = owner.sql("") or "CAST(%(owner)s AS text)"
    if not owner.proof:
        values["owner"] = owner.user_id
    for number, version in enumerate(versions or ()):
        values[f"at_{number}"] = version
    shapes = tuple((name, _shape(name, value)) for name, value in {**changes, **stored}.items())
    derived_shapes = tuple((name, value is not None) for name, value in also.items())
    before = _edit(place, shapes, derived_shapes, condition(versions))
    return Statement(f"SELECT {told('written')}, number FROM written", values, True, before)  # noqa: S608 - texts of ours


def _shape(name: str, value: Any) -> Any:
    """What of a value its statement's text depends on."""
    return value if name == "completed" else ("text" if isinstance(value, str) else value is not None)


def condition(versions: Versions) -> str:
    if versions is None:
        return ""
    is_exclusion = isinstance(versions, AllBut)
    if not versions:
        return "" if is_exclusion else " AND FALSE"
    places = ", ".join(f"%(at_{number})s" for number in range(len(versions)))
    return f" AND version {'NOT IN' if is_exclusion else 'IN'} ({places})"


@lru_cache(256)
def _edit(owner: str, shapes: tuple[tuple[str, Any], ...], also: tuple[tuple[str, bool], ...], versions: str) -> str:
    names = ["completed_at" if name == "completed" else name for name, _ in shapes]
    looked_for = [_expression(name, shape, "completed_at", "%(now)s") for name, shape in shapes]
    differs = [f"{name} IS DISTINCT FROM {new}" for name, new in zip(names, looked_for, strict=True)]
    new = [_expression(name, shape, "task.completed_at", NOW) for name, shape in shapes]
    derived_values = [f"{name} = {f'%(v_{name})s' if is_given else 'NULL'}" for name, is_given in also]
    assignments = [f"{name} = {value}" for name, value in zip(names, new, strict=True)]
    return EDIT.format(
        owner=owner, names=", ".join(names), versions=versions, differs=" OR ".join(differs),
        number=NUMBER.format(owner=owner), assignments=", ".join([*assignments, *derived_values]),
        columns=columns("task"), changes=_changes(names), kind=Kind.CHANGED.value, now=NOW,
    )  # fmt: skip


def _expression(name: str, shape: Any, column: str, now: str) -> str:
    if name == "completed":
        return COMPLETED_AT[shape].format(column=column, now=now)
    if not shape:
        return "NULL"
    # Where a text is used more than once, PostgreSQL cannot infer one type for it.
    return f"CAST(%(v_{name})s AS text)" if shape == "text" else f"%(v_{name})s"


def _changes(names: list[str]) -> str:
    told = {name: f"jsonb_build_object('{name}', jsonb_build_array({_json(name, 'before')}, {_json(name, 'task')}))"
            for name in names}  # fmt: skip
    if len(told) == 1:
        return told[names[0]]
    # Of several some may be as they were.
    return " || ".join(
        f"CASE WHEN task.{name} IS DISTINCT FROM before.{name} THEN {change} ELSE '{{}}' END"
        for name, change in told.items()
    )


def _json(name: str, table: str) -> str:
    return IN_JSON.get(name, f"{{0}}.{name}").format(table)
