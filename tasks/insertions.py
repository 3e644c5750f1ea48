"""The SQL of new tasks. On PostgreSQL one statement takes their places and numbers, stores and notes them."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
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


def plain_insertion(user_id: str, drafts: Drafts) -> Statement:
    """Every column's value, as stored."""
    rows = [defaults() | bind_each(Task, {**draft, "user": user_id, **derived(draft)}) for draft in drafts]
    values = [value for row in rows for value in row.values()]
    return Statement(_plain_sql(len(drafts)), values, is_change=True, is_frequent=len(drafts) == 1)


def insertion(owner: Owner, drafts: Drafts, act: Act, told: Columns) -> Statement:
    """PostgreSQL's: where there is room for all of them the tasks, each beside the number of the last one."""
    count = len(drafts)
    at = bind(Task, "updated_at", max(draft["updated_at"] for draft in drafts))
    rows = [value for draft in drafts for value in _given(draft).values()]
    notes = [value for draft in drafts for value in (draft["id"], act.via.value, act.by, written(first_values(draft)))]
    before = _numbered_sql(count, owner.proof is not None, quotas.limit(TASKS))
    sql = f"SELECT {told('written')}, taken.version FROM written, taken"  # noqa: S608 - texts of ours
    return Statement(sql, [*owner.values, at, *rows, *notes], True, before, is_frequent=count == 1)


def _given(draft: Mapping[str, Any]) -> dict[str, Any]:
    """As stored, all but what is the statement's own."""
    return _others() | bind_each(Task, {**{name: draft[name] for name in draft if name not in TAKEN}, **derived(draft)})


@cache
def _others() -> dict[str, Any]:
    return {name: value for name, value in defaults().items() if name not in TAKEN}


@cache
def _plain_sql(count: int) -> str:
    row = ", ".join(["%s"] * len(defaults()))
    return _inserting(f"VALUES {', '.join([f'({row})'] * count)}")


@lru_cache(256)
def _numbered_sql(count: int, is_proof: bool, most: int | None) -> str:
    """The row of the quota is what the new ones are selected from: where nothing was taken there are none."""
    person, source = ("caller.id", "FROM caller") if is_proof else ("CAST(%s AS text)", "")
    taken = quotas.taking(TASKS, count, most, person, source, at="CAST(%s AS timestamptz)")
    # A SELECT, unlike VALUES, does not take the types from the columns.
    places = [TAKEN.get(name) or f"CAST(%s AS {_field(name).db_type(connection)})" for name in defaults()]
    inserted = _inserting(" UNION ALL ".join([f"SELECT {', '.join(places)} FROM taken"] * count))  # noqa: S608 - as below
    notes = " UNION ALL ".join(NOTE.format(place=place, kind=Kind.CREATED.value) for place in reversed(range(count)))
    names = '"user_id", version, task_id, kind, via, by, at, changes'
    noted = f"INSERT INTO tasks_entry ({names}) {notes}"
    return f"taken AS ({taken}), written AS ({inserted}, is_plain), noted AS ({noted})"


def _inserting(rows: str) -> str:
    names = ", ".join(f'"{_field(name).column}"' for name in defaults())
    return f"INSERT INTO tasks_task ({names}) {rows} RETURNING {columns()}"


def _field(name: str) -> Any:
    return Task._meta.get_field(name)
