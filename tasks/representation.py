"""What clients see of a task: each field once, and the two roads to its bytes.

PostgreSQL writes the JSON text itself, in the one statement that reads the rows: for a list of a
thousand, Python then has a fortieth of the work of a serializer. ``json_build_object`` puts spaces in,
``row_to_json`` takes half as long again as joining the pieces, and only ``to_char`` writes times of a
fixed width. Looking for what is to be escaped in texts that have nothing of it, writing one time twice and absent
values one by one took a third of the time: hence a ``Phrase`` for each. A new task, and one that is changed alone, is
written so by its statement too (``rows.AS_ANSWER``). SQLite's rows, and every ``Task``, are written by orjson. Both
roads give the same bytes, which ``test_represent_tasks.py`` holds them to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from core.sql.statements import is_postgresql
from core.times import format_timestamp
from tasks.models import Priority, Task

PRIORITY_NAMES: Final[dict[int, str]] = {priority.value: priority.label for priority in Priority}


@dataclass(frozen=True, slots=True)
class Conversion:
    """How values of one kind become JSON; ``{0}`` stands for the column."""

    # PostgreSQL: the JSON text, never null.
    sql: str
    # Whether its quotes are still to come: they go into the text between the fields, which is there anyway.
    is_bare: bool = False
    # From the value of a model's attribute.
    plain: Callable[[Any], Any] = lambda value: value
    # From what SQLite has stored, selected as ``stored_sql``; None where that is it.
    stored: Callable[[Any], Any] | None = None
    stored_sql: str = "{0}"


def _stored_id(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _stored_timestamp(text: str | None) -> str | None:
    """``2026-01-14 10:00:00[.123456]``, as Django's SQLite backend writes instants."""
    return text and f"{text[:10]}T{text[11:19]}.{text[20:] or '000000'}Z"


def _written(quote: str) -> str:
    # A zone's name would be looked up for each value.
    return f"""to_char({{0}} AT TIME ZONE INTERVAL '0', '{quote}YYYY-MM-DD"T"HH24:MI:SS.US"Z"{quote}')"""


CASES: Final = " ".join(f"WHEN {value} THEN '\"{name}\"'" for value, name in PRIORITY_NAMES.items())
# An expression has no type that sqlite3 would parse.
UNPARSED: Final = "{0} || ''"

ID: Final = Conversion("{0}", is_bare=True, plain=str, stored=_stored_id)
# Of an alphabet in which nothing is escaped (contract section 1; ``accounts/user_ids.py``).
USER_ID: Final = Conversion("{0}", is_bare=True)
TEXT: Final = Conversion("to_json({0})")
TEXT_OR_NULL: Final = Conversion("coalesce(to_json({0})::text, 'null')")
INSTANT: Final = Conversion(
    _written(""), is_bare=True, plain=format_timestamp, stored=_stored_timestamp, stored_sql=UNPARSED
)
INSTANT_OR_NULL: Final = Conversion(
    "coalesce({}, 'null')".format(_written('\\"')),
    plain=lambda instant: instant and format_timestamp(instant),
    stored=_stored_timestamp,
    stored_sql=UNPARSED,
)
WHETHER: Final = Conversion(
    "CASE WHEN {0} IS NULL THEN 'false' ELSE 'true' END", plain=lambda value: value is not None, stored=bool,
    stored_sql="{0} IS NOT NULL",
)  # fmt: skip
PRIORITY: Final = Conversion(
    f"CASE {{0}} {CASES} END", plain=PRIORITY_NAMES.__getitem__, stored=PRIORITY_NAMES.__getitem__
)
TAGS: Final = Conversion("{0}", stored=orjson.Fragment)

# Name, column, conversion. TaskSerializer documents them; the order is the contract's. What a deployment's other
# clients want to see besides is named by ``settings.ADDED_TASK_FIELDS``, in the same form.
FIELDS: Final[Sequence[tuple[str, str, Conversion]]] = (
    ("id", "id", ID),
    ("user_id", "user_id", USER_ID),
    ("title", "title", TEXT),
    ("description", "description", TEXT_OR_NULL),
    ("completed", "completed_at", WHETHER),
    ("is_completed", "completed_at", WHETHER),
    ("completed_at", "completed_at", INSTANT_OR_NULL),
    ("priority", "priority", PRIORITY),
    ("due_at", "due_at", INSTANT_OR_NULL),
    ("tags", "tags", TAGS),
    ("created_at", "created_at", INSTANT),
    ("updated_at", "updated_at", INSTANT),
)

OF_TRASHED: Final = (("deleted_at", "deleted_at", INSTANT),)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Fields that follow each other, written by PostgreSQL together; ``{p}`` stands before a column, ``{before}`` for
    what ends the field before them.
    """

    names: tuple[str, ...]
    sql: str


TEXTS: Final = Phrase(
    ("title", "description"),
    """CASE WHEN {p}is_plain
        THEN '{before}"title":"' || {p}title || coalesce('","description":"' || {p}description || '"',
            '","description":null')
        ELSE '{before}"title":' || to_json({p}title) || ',"description":' || coalesce(to_json({p}description)::text,
            'null') END""",
)
COMPLETION: Final = Phrase(
    ("completed", "is_completed", "completed_at"),
    f"""CASE WHEN {{p}}completed_at IS NULL
        THEN '{{before}}"completed":false,"is_completed":false,"completed_at":null'
        ELSE '{{before}}"completed":true,"is_completed":true,"completed_at":"' ||
            {INSTANT.sql.format("{p}completed_at")} || '"' END""",
)
# A task that was never changed.
STAMPS: Final = Phrase(
    ("created_at", "updated_at"),
    f"""CASE WHEN {{p}}created_at = {{p}}updated_at
        THEN replace('{{before}}"created_at":"@","updated_at":"@"', '@', {INSTANT.sql.format("{p}created_at")})
        ELSE '{{before}}"created_at":"' || {INSTANT.sql.format("{p}created_at")} || '","updated_at":"' ||
            {INSTANT.sql.format("{p}updated_at")} || '"' END""",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """All fields that are shown, and what selects them: on PostgreSQL the JSON of a task, on SQLite its values."""

    fields: Sequence[tuple[str, str, Conversion]]
    json_sql: str
    stored_sql: str

    @property
    def nulls(self) -> str:
        """In the place of each of the columns, in a row of something else."""
        return "NULL" if is_postgresql() else ", ".join(["NULL"] * len(self.fields))


def shown(table: str = "", *, is_trashed: bool = False) -> Shown:
    """``table``: the name that its columns need where there are others beside them."""
    return _shown(settings.ADDED_TASK_FIELDS, table and f"{table}.", is_trashed)


@cache
def _shown(added: str, prefix: str, is_trashed: bool) -> Shown:
    fields = [*FIELDS, *(import_string(added) if added else ()), *(OF_TRASHED if is_trashed else ())]
    stored = ", ".join(conversion.stored_sql.format(prefix + column) for _, column, conversion in fields)
    # What has no column ``is_plain``.
    phrases = [COMPLETION, STAMPS] if is_trashed else [TEXTS, COMPLETION, STAMPS]
    return Shown(fields, _json_sql(fields, phrases, prefix), stored)


def _json_sql(fields: Sequence[tuple[str, str, Conversion]], phrases: Sequence[Phrase], prefix: str) -> str:
    pieces, before, place = [], "{", 0
    names = tuple(name for name, _, _ in fields)
    while place < len(fields):
        phrase = next((each for each in phrases if names[place : place + len(each.names)] == each.names), None)
        if phrase:
            pieces.append(f"({phrase.sql.format(p=prefix, before=before)})")
            before, place = ",", place + len(phrase.names)
        else:
            name, column, conversion = fields[place]
            quote = '"' if conversion.is_bare else ""
            pieces.append(f"""'{before}"{name}":{quote}' || {conversion.sql.format(prefix + column)}""")
            before, place = f"{quote},", place + 1
    return _concatenated([*pieces, f"'{before[:-1]}}}'"])


def _concatenated(pieces: Sequence[str]) -> str:
    """Halves of halves: one after the other, each copied all that stands before it."""
    if len(pieces) <= 2:
        return " || ".join(pieces)
    middle = len(pieces) // 2
    return f"({_concatenated(pieces[:middle])}) || ({_concatenated(pieces[middle:])})"


def represent(task: Task) -> dict[str, Any]:
    return {name: conversion.plain(getattr(task, column)) for name, column, conversion in shown().fields}


def from_stored(rows: Sequence[Sequence[Any]], *, is_trashed: bool = False) -> list[dict[str, Any]]:
    """What rows of ``stored_sql`` stand for, a column at a time; further columns are not looked at."""
    fields = shown(is_trashed=is_trashed).fields
    names = [name for name, _, _ in fields]
    reads = [conversion.stored for _, _, conversion in fields]
    columns = [map(read, column) if read else column for read, column in zip(reads, zip(*rows), strict=False)]  # noqa: B905 - rows of one width
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
