"""What Django's ORM cannot say, UPDATE ... RETURNING, a change and its reading back in one statement;
and what it says at a cost on every request.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from accounts.models import User
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind, bind_each
from tasks.folding import FoldedField, fold
from tasks.models import Task
from tasks.tags import TagKeysField, tag_keys

# Values of a change to ``completed`` beside True and False.
FLIPPED: Final = "flipped"
COMPLETED_AT: Final = {
    # The first completion is the one that counts.
    True: "COALESCE(completed_at, {now})",
    False: "NULL",
    FLIPPED: "CASE WHEN completed_at IS NULL THEN {now} END",
}
# The clock is read before the row's lock is had, and another process's may be ahead: a later version is never earlier.
NOW: Final = {"postgresql": "GREATEST(%(now)s, updated_at)", "sqlite": "MAX(%(now)s, updated_at)"}

Changes = Mapping[str, Any]


class AllBut(frozenset[int]):
    """Versions that a task must not be at."""


# Those that a change may be made to; None: any.
Versions = Collection[int] | AllBut | None


def insert_tasks(user_id: str, drafts: Sequence[Mapping[str, Any]]) -> list[Task]:
    """Stores new ones with their ids and instants; a field that a draft leaves out has its default."""
    rows = [_defaults() | bind_each(Task, {**draft, "user": user_id, **derived(user_id, draft)}) for draft in drafts]
    tasks = _fetch(user_id, lambda owner: _insertion(owner, rows))
    return [tasks[draft["id"]] for draft in drafts]


def update_tasks(user_id: str, edits: Mapping[uuid.UUID, Changes], versions: Versions = None) -> dict[uuid.UUID, Task]:
    """Gives each task the values of its fields in ``edits``; ``completed`` may be ``FLIPPED``.

    Returns those that exist and are at one of ``versions``, as they are now. ``version`` and
    ``updated_at`` move only where a value did.
    """
    now = timezone.now()

    def build(owner: Owner) -> Statement:
        update = _Update(user_id, edits, now)
        condition = update.condition(owner, versions)
        sql = f"UPDATE tasks_task SET {update.assignments()} WHERE {condition} RETURNING {_columns()}"  # noqa: S608 - columns of the model, values are parameters
        return Statement(sql, update.parameters, is_change=True, is_frequent=len(edits) == 1)

    return _fetch(user_id, build)


def delete_tasks(user_id: str, task_ids: Collection[uuid.UUID], versions: Versions = None) -> int:
    """Those at one of ``versions``; returns how many. No row of another table hangs on a task."""

    def build(owner: Owner) -> Statement:
        delete = _Update(user_id, {task_id: {} for task_id in task_ids}, timezone.now())
        sql = f"DELETE FROM tasks_task WHERE {delete.condition(owner, versions)} RETURNING id"  # noqa: S608 - values are parameters
        return Statement(sql, delete.parameters, is_change=True, is_frequent=len(task_ids) == 1)

    return len(owned.fetch(user_id, build)) if task_ids else 0


@cache
def visible_sql(user_id_sql: str) -> str:
    """``TaskQuerySet.visible_to`` as a condition on ``tasks_task``, for the user whose id that text gives.

    So who may see a task is said there alone, for the ORM and for the statements that are written by hand:
    here and in ``tasks.lists``.
    """
    visible = Task.objects.visible_to(User(id="")).query
    condition, _ = visible.where.as_sql(visible.get_compiler(connection=connection), connection)
    return condition.replace("%s", user_id_sql)


def select_task(user_id: str, task_id: uuid.UUID) -> Task | None:
    """As ``filter(...).first()``, whose compilation costs four times what the database does."""

    def build(owner: Owner) -> Statement:
        sql = f"SELECT {_columns()} FROM tasks_task WHERE {visible_sql(owner.sql('%s'))} AND id = %s"  # noqa: S608 - columns of the model
        return Statement(sql, [*owner.values, bind(Task, "id", task_id)])

    return _fetch(user_id, build).get(task_id)


def derived(user_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an INSERT or UPDATE of these has to set beside them; a ``save`` sees to it by itself."""
    columns: dict[str, Any] = {
        f"{name}_folded": None if values[name] is None else fold(values[name])
        for name in ("title", "description")
        if name in values
    }
    if "tags" in values:
        columns["tag_keys"] = tag_keys(user_id, values["tags"])
    return columns


class _Update:
    """The parts of the statement, and its parameters as they are collected."""

    def __init__(self, user_id: str, edits: Mapping[uuid.UUID, Changes], now: datetime) -> None:
        self._edits = edits
        self._derived = {task_id: derived(user_id, changes) for task_id, changes in edits.items()}
        self.parameters: dict[str, Any] = {}
        self.add("updated_at", now, name="now")
        self._ids = {task_id: self.add("id", task_id) for task_id in edits}

    def add(self, field: str, value: Any, name: str = "") -> str:
        """Where a text or null is used more than once, PostgreSQL cannot infer one type for it."""
        stored = bind(Task, field, value)
        if stored is None:
            return "NULL"
        name = name or f"p{len(self.parameters)}"
        self.parameters[name] = stored
        return f"CAST(%({name})s AS text)" if isinstance(stored, str) else f"%({name})s"

    def condition(self, owner: Owner, versions: Versions) -> str:
        user_id = owner.sql("") or self.add("user", owner.user_id)
        condition = f'"user_id" = {user_id} AND id IN ({", ".join(self._ids.values())})'
        if versions is None:
            return condition
        is_exclusion = isinstance(versions, AllBut)
        if not versions:
            return condition if is_exclusion else f"{condition} AND 1 = 0"
        numbers = ", ".join(self.add("version", version) for version in versions)
        return f"{condition} AND version {'NOT IN' if is_exclusion else 'IN'} ({numbers})"

    def assignments(self) -> str:
        new = self._values(self._edits)
        # Derived columns follow the others, and are no change by themselves.
        changed = " OR ".join(f"{column} IS DISTINCT FROM {value}" for column, value in new.items()) or "1 = 0"
        new["version"] = f"version + CASE WHEN {changed} THEN 1 ELSE 0 END"
        new["updated_at"] = f"CASE WHEN {changed} THEN {NOW[connection.vendor]} ELSE updated_at END"
        return ", ".join(f"{column} = {value}" for column, value in (new | self._values(self._derived)).items())

    def _values(self, edits: Mapping[uuid.UUID, Changes]) -> dict[str, str]:
        """Each column that any of the tasks gets, and the expression of its values."""
        names = dict.fromkeys(name for changes in edits.values() for name in changes)
        return {"completed_at" if name == "completed" else name: self._value(name, edits) for name in names}

    def _value(self, name: str, edits: Mapping[uuid.UUID, Changes]) -> str:
        values = {
            task_id: _completed_at(changes[name]) if name == "completed" else self.add(name, changes[name])
            for task_id, changes in edits.items()
            if name in changes
        }
        if len(values) == len(self._edits) and len(set(values.values())) == 1:
            return next(iter(values.values()))
        cases = " ".join(f"WHEN {self._ids[task_id]} THEN {value}" for task_id, value in values.items())
        return f"CASE id {cases} ELSE {'completed_at' if name == 'completed' else name} END"


def _completed_at(change: bool | str) -> str:
    return COMPLETED_AT[change].format(now=NOW[connection.vendor])


# --- Rows -----------------------------------------------------------------------------------------


def _fetch(user_id: str, build: Callable[[Owner], Statement]) -> dict[uuid.UUID, Task]:
    """The tasks whose ``_columns`` it gives."""
    return {task.id: task for task in map(_read, owned.fetch(user_id, build))}


def _read(row: Sequence[Any]) -> Task:
    values = list(row[: len(_names())])
    for place, column, converters in _converters():
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    return Task.from_db(connection.alias, _names(), values)


def _insertion(owner: Owner, rows: Sequence[Mapping[str, Any]]) -> Statement:
    values = [value for row in rows for name, value in row.items() if name != "user" or not owner.proof]
    return Statement(
        _insertion_sql(len(rows), owner.proof is not None), values, is_change=True, is_frequent=len(rows) == 1
    )


@cache
def _insertion_sql(count: int, is_proof: bool) -> str:
    """The proven caller's row is what the new ones are selected from: without it there are none."""
    fields: list[Any] = [Task._meta.get_field(name) for name in _defaults()]
    names = ", ".join(f'"{field.column}"' for field in fields)
    if is_proof:
        # A SELECT, unlike VALUES, does not take the types from the columns.
        places = [f"CAST(%s AS {field.db_type(connection)})" for field in fields]
        places[[field.name for field in fields].index("user")] = "caller.id"
        rows = " UNION ALL ".join([f"SELECT {', '.join(places)} FROM caller"] * count)  # noqa: S608 - as below
    else:
        row = ", ".join(["%s"] * len(fields))
        rows = f"VALUES {', '.join([f'({row})'] * count)}"
    return f"INSERT INTO tasks_task ({names}) {rows} RETURNING {_columns()}"


@cache
def _defaults() -> dict[str, Any]:
    """Of every column that an INSERT gives, as stored."""
    fields = [field for field in Task._meta.concrete_fields if not field.generated]
    return bind_each(Task, {field.name: field.get_default() for field in fields})


@cache
def _shown() -> list[Any]:
    """All fields but those that are only there to be searched."""
    return [field for field in Task._meta.concrete_fields if not isinstance(field, FoldedField | TagKeysField)]


@cache
def _columns() -> str:
    return ", ".join(f'"{field.column}"' for field in _shown())


@cache
def _names() -> list[str]:
    return [field.attname for field in _shown()]


@cache
def _converters() -> list[tuple[int, Any, list[Callable[..., Any]]]]:
    """What Django makes of a column's values, where they are not the field's already."""
    columns = [field.cached_col for field in _shown()]
    found = [connection.ops.get_db_converters(column) + column.get_db_converters(connection) for column in columns]
    return [(place, columns[place], converters) for place, converters in enumerate(found) if converters]
