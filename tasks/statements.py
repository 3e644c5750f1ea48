"""What Django's ORM cannot say, UPDATE ... RETURNING, a change and its reading back in one statement;
and what it says at a cost on every request.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection, models
from django.utils import timezone

from tasks.columns import FoldedField, TagKeysField, derived
from tasks.models import Task

# Values of a change to ``completed`` beside True and False.
FLIPPED: Final = "flipped"
COMPLETED_AT: Final = {
    # The first completion is the one that counts.
    True: "COALESCE(completed_at, %(now)s)",
    False: "NULL",
    FLIPPED: "CASE WHEN completed_at IS NULL THEN %(now)s END",
}

Changes = Mapping[str, Any]


def prepared(model: type[models.Model], field: str, value: Any) -> Any:
    """As the field would store it: the databases differ on ids, instants and JSON."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)  # type: ignore[union-attr] # columns only


def update_tasks(
    user_id: str, edits: Mapping[uuid.UUID, Changes], versions: Collection[int] | None = None
) -> dict[uuid.UUID, Task]:
    """Gives each task the values of its fields in ``edits``; ``completed`` may be ``FLIPPED``.

    Returns those that exist and are at one of ``versions``, as they are now. ``version`` and
    ``updated_at`` move only where a value did.
    """
    update = _Update(user_id, edits, timezone.now())
    condition = f'"user_id" = {update.add("user", user_id)} AND id IN ({update.ids()})'
    if versions is not None:
        condition += f" AND version IN ({update.numbers(versions)})" if versions else " AND 1 = 0"
    statement = f"UPDATE tasks_task SET {update.assignments()} WHERE {condition} RETURNING {_columns()}"  # noqa: S608 - columns of the model, values are parameters
    return {task.id: task for task in Task.objects.raw(statement, update.parameters)}


def find_task(user_id: str, task_id: uuid.UUID) -> Task | None:
    """As ``filter(...).first()``, whose compilation costs four times what the database does."""
    parameters = [prepared(Task, "user", user_id), prepared(Task, "id", task_id)]
    statement = f'SELECT {_columns()} FROM tasks_task WHERE "user_id" = %s AND id = %s'  # noqa: S608 - columns of the model
    return next(iter(Task.objects.raw(statement, parameters)), None)


class _Update:
    """The parts of the statement, and its parameters as they are collected."""

    def __init__(self, user_id: str, edits: Mapping[uuid.UUID, Changes], now: datetime) -> None:
        self._edits = edits
        self._derived = {task_id: derived(user_id, changes) for task_id, changes in edits.items()}
        self.parameters: dict[str, Any] = {}
        self.add("updated_at", now, name="now")
        self._ids = {task_id: self.add("id", task_id) for task_id in edits}

    def add(self, field: str, value: Any, name: str = "") -> str:
        name = name or f"p{len(self.parameters)}"
        self.parameters[name] = prepared(Task, field, value)
        return f"%({name})s"

    def ids(self) -> str:
        return ", ".join(self._ids.values())

    def numbers(self, versions: Collection[int]) -> str:
        return ", ".join(self.add("version", version) for version in versions)

    def assignments(self) -> str:
        new = self._values(self._edits)
        # Derived columns follow the others, and are no change by themselves.
        changed = " OR ".join(f"{column} IS DISTINCT FROM {value}" for column, value in new.items()) or "1 = 0"
        new["version"] = f"version + CASE WHEN {changed} THEN 1 ELSE 0 END"
        new["updated_at"] = f"CASE WHEN {changed} THEN %(now)s ELSE updated_at END"
        return ", ".join(f"{column} = {value}" for column, value in (new | self._values(self._derived)).items())

    def _values(self, edits: Mapping[uuid.UUID, Changes]) -> dict[str, str]:
        """Each column that any of the tasks gets, and the expression of its values."""
        names = dict.fromkeys(name for changes in edits.values() for name in changes)
        return {"completed_at" if name == "completed" else name: self._value(name, edits) for name in names}

    def _value(self, name: str, edits: Mapping[uuid.UUID, Changes]) -> str:
        values = {
            task_id: COMPLETED_AT[changes[name]] if name == "completed" else self.add(name, changes[name])
            for task_id, changes in edits.items()
            if name in changes
        }
        if len(values) == len(self._edits) and len(set(values.values())) == 1:
            return next(iter(values.values()))
        cases = " ".join(f"WHEN {self._ids[task_id]} THEN {value}" for task_id, value in values.items())
        return f"CASE id {cases} ELSE {'completed_at' if name == 'completed' else name} END"


@cache
def _columns() -> str:
    """All but those that are only there to be searched."""
    fields = [field for field in Task._meta.concrete_fields if not isinstance(field, FoldedField | TagKeysField)]
    return ", ".join(f'"{field.column}"' for field in fields)
