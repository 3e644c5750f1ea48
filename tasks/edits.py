"""The parts of a statement that changes tasks, any number of them."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection

from core.sql.owned import Owner
from core.sql.statements import bind
from core.texts import fold
from tasks.models import Task
from tasks.tags import tag_keys

# Values of a change to ``completed`` beside True and False.
FLIPPED: Final = "flipped"
COMPLETED_AT: Final = {
    # The first completion is the one that counts.
    True: "COALESCE({column}, {now})",
    False: "NULL",
    FLIPPED: "CASE WHEN {column} IS NULL THEN {now} END",
}
# The clock is read before the row's lock is had, and another process's may be ahead: a later version is never earlier.
NOW: Final = {"postgresql": "GREATEST(%(now)s, updated_at)", "sqlite": "MAX(%(now)s, updated_at)"}

Changes = Mapping[str, Any]


class AllBut(frozenset[int]):
    """Versions that a task must not be at."""


# Those that a change may be made to; None: any.
Versions = Collection[int] | AllBut | None


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


class Update:
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
        # Not CASE id WHEN: of that Citus tells the machines something else.
        cases = " ".join(f"WHEN id = {self._ids[task_id]} THEN {value}" for task_id, value in values.items())
        return f"CASE {cases} ELSE {'completed_at' if name == 'completed' else name} END"


def _completed_at(change: bool | str) -> str:
    return COMPLETED_AT[change].format(column="completed_at", now=NOW[connection.vendor])
