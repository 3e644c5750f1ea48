"""What Django's ORM cannot say, UPDATE ... RETURNING, a change and its reading back in one statement;
and what it says at a cost on every request.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from core import quotas
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind, bind_each
from core.texts import fold
from tasks.models import Task
from tasks.rows import columns, defaults, fetch
from tasks.tags import tag_keys

# The kind of the quota.
TASKS: Final = "tasks"
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
    """Stores new ones with their ids and instants; a field that a draft leaves out has its default.

    Raises ``QuotaExceeded`` where there is no room for all of them.
    """
    rows = [defaults() | bind_each(Task, {**draft, "user": user_id, **derived(draft)}) for draft in drafts]
    if quotas.is_counted_in_the_statement():
        tasks = fetch(user_id, lambda owner: _insertion(owner, rows))
        if not tasks:
            raise quotas.exceeded(TASKS)
    else:
        with transaction.atomic():
            quotas.take(user_id, TASKS, len(rows))
            tasks = fetch(user_id, lambda owner: _insertion(owner, rows))
    return [tasks[draft["id"]] for draft in drafts]


def update_tasks(user_id: str, edits: Mapping[uuid.UUID, Changes], versions: Versions = None) -> dict[uuid.UUID, Task]:
    """Gives each task the values of its fields in ``edits``; ``completed`` may be ``FLIPPED``.

    Returns those that exist and are at one of ``versions``, as they are now. ``version`` and
    ``updated_at`` move only where a value did.
    """
    now = timezone.now()

    def build(owner: Owner) -> Statement:
        update = _Update(edits, now)
        condition = update.condition(owner, versions)
        sql = f"UPDATE tasks_task SET {update.assignments()} WHERE {condition} RETURNING {columns()}"  # noqa: S608 - columns of the model, values are parameters
        return Statement(sql, update.parameters, is_change=True, is_frequent=len(edits) == 1)

    return fetch(user_id, build)


def delete_tasks(user_id: str, task_ids: Collection[uuid.UUID], versions: Versions = None) -> int:
    """Those at one of ``versions``; returns how many. No row of another table hangs on a task."""

    def build(owner: Owner) -> Statement:
        delete = _Update({task_id: {} for task_id in task_ids}, timezone.now())
        sql, before = f"DELETE FROM tasks_task WHERE {delete.condition(owner, versions)} RETURNING id", ""  # noqa: S608 - values are parameters
        if quotas.is_counted_in_the_statement():
            given_back = quotas.giving_back(TASKS, "(SELECT count(*) FROM deleted)", delete.owner(owner))
            before = f"deleted AS ({sql}), given_back AS ({given_back} AND EXISTS (SELECT FROM deleted))"
            sql = "SELECT id FROM deleted"
        return Statement(sql, delete.parameters, True, before, is_frequent=len(task_ids) == 1)

    if quotas.is_counted_in_the_statement() or not task_ids:
        return len(owned.fetch(user_id, build)) if task_ids else 0
    with transaction.atomic():
        deleted = len(owned.fetch(user_id, build))
        quotas.give_back(user_id, TASKS, deleted)
    return deleted


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
        sql = f"SELECT {columns()} FROM tasks_task WHERE {visible_sql(owner.sql('%s'))} AND id = %s"  # noqa: S608 - columns of the model
        return Statement(sql, [*owner.values, bind(Task, "id", task_id)])

    return fetch(user_id, build).get(task_id)


def derived(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an INSERT or UPDATE of these has to set beside them; a ``save`` sees to it by itself."""
    columns: dict[str, Any] = {
        f"{name}_folded": None if values[name] is None else fold(values[name])
        for name in ("title", "description")
        if name in values
    }
    if "tags" in values:
        columns["tag_keys"] = tag_keys(values["tags"])
    return columns


class _Update:
    """The parts of the statement, and its parameters as they are collected."""

    def __init__(self, edits: Mapping[uuid.UUID, Changes], now: datetime) -> None:
        self._edits = edits
        self._derived = {task_id: derived(changes) for task_id, changes in edits.items()}
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

    def owner(self, owner: Owner) -> str:
        return owner.sql("") or self.add("user", owner.user_id)

    def condition(self, owner: Owner, versions: Versions) -> str:
        condition = f'"user_id" = {self.owner(owner)} AND id IN ({", ".join(self._ids.values())})'
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


def _insertion(owner: Owner, rows: Sequence[Mapping[str, Any]]) -> Statement:
    is_frequent = len(rows) == 1
    if not quotas.is_counted_in_the_statement():
        values = [value for row in rows for value in row.values()]
        return Statement(_insertion_sql(len(rows)), values, is_change=True, is_frequent=is_frequent)
    values = [value for row in rows for name, value in row.items() if name != "user"]
    source = "FROM caller" if owner.proof else ""
    taken = quotas.taking(TASKS, len(rows), "caller.id" if owner.proof else "CAST(%s AS text)", source)
    sql = _selected_insertion_sql(len(rows))
    return Statement(sql, [*owner.values, *values], True, f"taken AS ({taken})", is_frequent)


@cache
def _insertion_sql(count: int) -> str:
    row = ", ".join(["%s"] * len(defaults()))
    return _inserting(f"VALUES {', '.join([f'({row})'] * count)}")


@cache
def _selected_insertion_sql(count: int) -> str:
    """The row of the quota is what the new ones are selected from: where nothing was taken there are none."""
    fields: list[Any] = [Task._meta.get_field(name) for name in defaults()]
    # A SELECT, unlike VALUES, does not take the types from the columns.
    places = [f"CAST(%s AS {field.db_type(connection)})" for field in fields]
    places[[field.name for field in fields].index("user")] = "taken.user_id"
    return _inserting(" UNION ALL ".join([f"SELECT {', '.join(places)} FROM taken"] * count))  # noqa: S608 - as below


def _inserting(rows: str) -> str:
    names = ", ".join(f'"{Task._meta.get_field(name).column}"' for name in defaults())  # type: ignore[union-attr] # columns only
    return f"INSERT INTO tasks_task ({names}) {rows} RETURNING {columns()}"
