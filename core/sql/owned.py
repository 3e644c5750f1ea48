"""Statements on the rows of one owner which, on PostgreSQL, prove their caller and open the rows by themselves.

A request presents a caller (``row_owner.present``). Its first statement on owned rows, when it is made here, begins
with a common table expression ``caller``: one row while the caller may come in, which also tells the server whose
rows are open (``policies.py``). So who is calling, row security and the answer are one round trip::

    WITH caller (id, is_due, armed) AS MATERIALIZED (SELECT u.id, …, set_config('app.user_id', u.id, true) …)
    SELECT found.*, caller.is_due FROM caller LEFT JOIN (… WHERE user_id = (SELECT id FROM caller) …) AS found ON TRUE

No row at all: nobody is let in, and ``Proof.prove`` says why. One row of nulls: nothing was found, or changed.
What is told once of many rows, such as the number of a page's last change, is a row ahead of them (``Statement.head``):
beside each of a thousand it took 4 % of PostgreSQL's time, and 13 % of what fetching them takes here.

**Why the policy is asked last.** It reads what ``caller`` sets, so whatever the plan, ``user_id = (SELECT id FROM
caller)`` must be evaluated first. PostgreSQL evaluates conditions by cost, cheap leakproof ones ahead of a policy
that costs more (``order_qual_clauses`` in its ``createplan.c``), and the policy, with two comparisons, does. A plan
that did otherwise would see no rows: it fails closed, and ``test_prove_callers.py`` fails with it.

**Where Citus spreads the tables** a statement goes whole to one machine only where each of its tables is compared with
the owner's id as a value. So ``user_id = %s`` stands for the sub-select there, and what keeps the order is the join:
without a condition it is a nested loop that begins with ``caller``, so the policy is asked once the setting is made.
Changes, which PostgreSQL runs in an order of its own, have their caller proven ahead, as has who is known by a table
that stands on the coordinator alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.sql import row_owner
from core.sql.row_owner import Proof
from core.sql.statements import fetch_prepared, is_distributed, is_postgresql

CALLER: Final = "(SELECT id FROM caller)"
# Filled with fixed texts alone; every value is a parameter. ``told`` is the last column, in the first row at least.
BEGIN: Final = "WITH caller (id, is_due, armed) AS MATERIALIZED ({proof})"
CHANGE: Final = ", {before}changed AS ({sql})"
FOUND: Final = "SELECT found.*, {told} FROM caller LEFT JOIN ({sql}) AS found ON TRUE"
CHANGED: Final = "SELECT changed.*, {told} FROM caller LEFT JOIN changed ON TRUE"
HEADED: Final = "SELECT {head}, {told} FROM caller UNION ALL SELECT found.*, NULL FROM ({sql}) AS found"
# The head comes first because one process reads both parts in turn. ``caller`` makes a setting, which no parallel plan
# may; without one, what is materialized keeps the plan from being parallel.
BELOW: Final = "SELECT {head} UNION ALL SELECT rest.* FROM ({sql}) AS rest"
ALONE: Final = (
    "WITH alone AS MATERIALIZED (SELECT 1) SELECT {head} FROM alone UNION ALL SELECT rest.* FROM ({sql}) AS rest"
)
IS_DUE: Final = "caller.is_due"

# In the text of every proof.
ARMING: Final = "set_config('app.user_id', u.id, true)"

Values = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """How a statement names the owner of its rows: by their id, or as the caller whom it proves."""

    user_id: str
    proof: Proof | None = None

    def sql(self, placeholder: str) -> str:
        return CALLER if self.proof else placeholder

    @property
    def values(self) -> list[str]:
        """Of one positional placeholder."""
        return [] if self.proof else [self.user_id]


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    # Positional for ``%s``, a mapping for ``%(name)s``; none begins with ``caller_``.
    values: Values
    # An INSERT, UPDATE or DELETE with RETURNING.
    is_change: bool = False
    # Common table expressions that ``sql`` builds on, after ``caller``; changes, where ``is_change``.
    before: str = ""
    # Whether its text is one of few: the server then plans it once a connection.
    is_frequent: bool = True
    # Columns of one row more, ahead of those of ``sql``, of the same snapshot and of the same types.
    head: str = ""


def fetch(user_id: str, build: Callable[[Owner], Statement]) -> list[tuple[Any, ...]]:
    """The rows of the statement, whose first column is never null; further columns may follow those asked for.

    ``build`` makes the text for an owner, and may be called twice. Raises ``Unauthenticated`` as ``Proof.prove``.
    """
    proof = row_owner.unproven()
    if proof is None or proof.user_id != user_id or not is_postgresql():
        return execute(build(Owner(user_id)))
    statement = build(Owner(user_id, None if is_distributed() else proof))
    if is_distributed() and (statement.is_change or not proof.is_beside_rows):
        return execute(statement)
    with row_owner.rows_of(None):
        limit: str = connection.limit_of_a_statement  # type: ignore[attr-defined] # of our own backend
        rows = execute(with_proof(statement, proof, limit))
    if not rows:
        # Nobody is let in, or only after something else, such as the first token of a new user.
        row_owner.prove()
        return execute(build(Owner(user_id)))
    row_owner.accept(proof, is_due=rows[0][-1])
    return [] if rows[0][0] is None else rows


def execute(statement: Statement, database: BaseDatabaseWrapper = connection) -> list[tuple[Any, ...]]:
    sql = ALONE.format(head=statement.head, sql=statement.sql) if statement.head else statement.sql
    sql = f"WITH {statement.before} {sql}" if statement.before else sql
    if statement.is_frequent:
        return fetch_prepared(database, sql, statement.values)
    with database.cursor() as cursor:
        cursor.execute(sql, statement.values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def with_proof(statement: Statement, proof: Proof, limit: str, told: str = IS_DUE) -> Statement:
    """``limit`` goes into the call that opens the rows."""
    is_named = isinstance(statement.values, Mapping)
    frame = CHANGED if statement.is_change else HEADED if statement.head and not is_distributed() else FOUND
    join = _joined if statement.is_frequent else _joined.__wrapped__
    sql = join(proof.sql, limit, statement.before, statement.head, statement.sql, frame, told, is_named)
    values: Values
    if isinstance(statement.values, Mapping):
        values = {f"caller_{place}": value for place, value in enumerate(proof.values)} | {**statement.values}
    else:
        values = [*proof.values, *statement.values]
    return Statement(sql, values, statement.is_change, is_frequent=statement.is_frequent)


@lru_cache(256)
def _joined(proof: str, limit: str, before: str, head: str, sql: str, frame: str, told: str, is_named: bool) -> str:
    """Remembered of those that are frequent: psycopg too finds a text sooner that is the same object."""
    if limit:
        proof = proof.replace(ARMING, ARMING + limit)
    if is_named:
        proof = _named(proof, proof.count("%s"))
    if head and frame is FOUND:
        sql = BELOW.format(head=head, sql=sql)
    begin = BEGIN.format(proof=proof)
    if frame is CHANGED:
        begin += CHANGE.format(before=before and f"{before}, ", sql=sql)
    return f"{begin} {frame.format(head=head, sql=sql, told=told)}"


@cache
def _named(sql: str, count: int) -> str:
    return sql % tuple(f"%(caller_{place})s" for place in range(count))
