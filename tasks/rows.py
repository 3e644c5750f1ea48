"""The columns of a task, and what a statement's row of them is: a task, or one written as clients see it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar

import orjson
from django.db import connection

from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind_each
from tasks.folding import FoldedField
from tasks.models import Task
from tasks.representation import represent, shown
from tasks.tags import TagKeysField


def fetch(user_id: str, build: Callable[[Owner], Statement]) -> dict[uuid.UUID, Task]:
    """The tasks whose ``columns`` it gives."""
    return {task.id: task for task in map(read, owned.fetch(user_id, build))}


def read(row: Sequence[Any]) -> Task:
    values = list(row[: len(_names())])
    for place, column, converters in _converters():
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    return Task.from_db(connection.alias, _names(), values)


@dataclass(slots=True)
class WrittenTask:
    """As clients see it."""

    id: uuid.UUID
    json: bytes
    version: int
    # As a task's.
    number: int | None = None


T = TypeVar("T", Task, WrittenTask)
# Of the name of a table that has all ``columns``, and PostgreSQL's ``is_plain``.
Columns = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """In which a single statement gives the task that it has changed."""

    columns: Columns
    # From a row of them, with the number of the change behind it.
    read: Callable[[Sequence[Any]], T]
    # From a task that came another way.
    of: Callable[[Task], T]


def _numbered(row: Sequence[Any]) -> Task:
    task = read(row)
    task.number = row[len(_names())]
    return task


def _write(task: Task) -> WrittenTask:
    return WrittenTask(task.id, orjson.dumps(represent(task)), task.version, task.number)


@cache
def defaults() -> dict[str, Any]:
    """Of every column that an INSERT gives, as stored."""
    fields = [field for field in Task._meta.concrete_fields if not field.generated]
    return bind_each(Task, {field.name: field.get_default() for field in fields})


@cache
def _shown() -> list[Any]:
    """All fields but those that are only there to be searched."""
    return [field for field in Task._meta.concrete_fields if not isinstance(field, FoldedField | TagKeysField)]


@cache
def columns(table: str = "") -> str:
    prefix = table and f"{table}."
    return ", ".join(f'{prefix}"{field.column}"' for field in _shown())


@cache
def stored_columns() -> str:
    """All that are given, not computed by the database: what a task is moved from one table to another by."""
    return ", ".join(f'"{field.column}"' for field in Task._meta.concrete_fields if not field.generated)


@cache
def _names() -> list[str]:
    return [field.attname for field in _shown()]


@cache
def _converters() -> list[tuple[int, Any, list[Callable[..., Any]]]]:
    """What Django makes of a column's values, where they are not the field's already."""
    columns = [field.cached_col for field in _shown()]
    found = [connection.ops.get_db_converters(column) + column.get_db_converters(connection) for column in columns]
    return [(place, columns[place], converters) for place, converters in enumerate(found) if converters]


AS_TASK: Final = Form(columns, _numbered, lambda task: task)
AS_ANSWER: Final = Form(
    lambda table: f"{table}.id, {shown(table).json_sql}, {table}.version",
    lambda row: WrittenTask(row[0], row[1].encode(), row[2], row[3]),
    _write,
)
