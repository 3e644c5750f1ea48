"""The SQL of new tasks. On PostgreSQL one statement takes their places and numbers, stores and notes them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from django.db import connection

from core import quotas
from core.sql.owned import Owner, Statement
from core.sql.statements import bind, bind_each
from tasks.acts import Act
from tasks.edits import derived
from tasks.entries import TASKS, first_values, written
from tasks.models import Kind, Task
from tasks.rows import Columns, columns, defaults

# Of the statement's own.
TAKEN: Final = {"user": "taken.user_id", "updated_at": "taken.changed_at"}
NOTE: Final = """
    SELECT taken.user_id, taken.version - {place}, %s::uuid, {kind}, %s::smallint, %s::text,
        taken.changed_at, %s::jsonb
    FROM taken
"""

Drafts = Sequence[Mapping[str, Any]]


def stored_rows(user_id: str, drafts: Drafts) -> list[dict[str, Any]]:
    """Every column's value, as stored."""
    return [defaults() | bind_each(Task, {**draft, "user": user_id, **derived(draft)}) for draft in drafts]


def plain_insertion(user_id: str, drafts: Drafts) -> Statement:
    values = [value for row in stored_rows(user_id, drafts) for value in row.values()]
    return Statement(_plain_sql(len(drafts)), values, is_change=True, is_frequent=len(drafts) == 1)


def insertion(owner: Owner, drafts: Drafts, act: Act, told: Columns) -> Statement:
    """PostgreSQL's: where there is room for all of them the tasks, each beside the number of the last one."""
    count = len(drafts)
    at = bind(Task, "updated_at", max(draft["updated_at"] for draft in drafts))
    rows = [value for row in stored_rows(owner.user_id, drafts) for name, value in row.items() if name not in TAKEN]
    notes = [value for draft in drafts for value in (draft["id"], act.via.value, act.by, written(first_values(draft)))]
    person, source = ("caller.id", "FROM caller") if owner.proof else ("CAST(%s AS text)", "")
    taken = quotas.taking(TASKS, count, person, source, at="CAST(%s AS timestamptz)")
    before = f"taken AS ({taken}), {_numbered_sql(count)}"
    sql = f"SELECT {told('written')}, taken.version FROM written, taken"  # noqa: S608 - texts of ours
    return Statement(sql, [*owner.values, at, *rows, *notes], True, before, is_frequent=count == 1)


@cache
def _plain_sql(count: int) -> str:
    row = ", ".join(["%s"] * len(defaults()))
    return _inserting(f"VALUES {', '.join([f'({row})'] * count)}")


@cache
def _numbered_sql(count: int) -> str:
    """The row of the quota is what the new ones are selected from: where nothing was taken there are none."""
    # A SELECT, unlike VALUES, does not take the types from the columns.
    places = [TAKEN.get(name) or f"CAST(%s AS {_field(name).db_type(connection)})" for name in defaults()]
    inserted = _inserting(" UNION ALL ".join([f"SELECT {', '.join(places)} FROM taken"] * count))  # noqa: S608 - as below
    notes = " UNION ALL ".join(NOTE.format(place=place, kind=Kind.CREATED.value) for place in reversed(range(count)))
    names = '"user_id", version, task_id, kind, via, by, at, changes'
    return f"written AS ({inserted}, is_plain), noted AS (INSERT INTO tasks_entry ({names}) {notes})"


def _inserting(rows: str) -> str:
    names = ", ".join(f'"{_field(name).column}"' for name in defaults())
    return f"INSERT INTO tasks_task ({names}) {rows} RETURNING {columns()}"


def _field(name: str) -> Any:
    return Task._meta.get_field(name)
