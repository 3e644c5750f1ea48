"""A request's reads of its caller's rows, from a streaming replica where there is one (``DATABASE_REPLICA_URL``).

The primary proves the caller, as ever, and tells in the same statement which *state* their rows are in: a text that
each of their changes makes another one. The replica tells with its answer, in the same snapshot, which state that is
of. Is it another, the answer is thrown away and the primary asked.

So **no answer is older than the moment the primary let the caller in**: whoever has written, by whatever session,
process or machine, reads it from then on, and who may not come in any more is let in nowhere. No clock, no position
of a log and no memory of a process takes part in that, so it holds for several replicas behind one address, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection, connections

from core.sql import deadline, owned, row_owner
from core.sql.owned import Owner, Statement
from core.sql.replica import watching
from core.sql.replica.watching import ALIAS, NO_REPLICA, watch
from core.telemetry import metrics

READS: Final = metrics.Counter(
    "todo_replica_reads_total", "Reads of tasks where a replica is set: of it, or why not.", "outcome"
)
# With one that is silent: after it there is still time for the primary.
PATIENCE_SECONDS: Final = 1.0
# The first characters of SQLSTATE: the server is about to stop, or not there yet.
LEAVING: Final = "57P"
OPEN: Final = f"SELECT u.id, FALSE, {owned.ARMING} FROM (SELECT CAST(%s AS varchar(128)) AS id) AS u"  # noqa: S608 - texts of ours
# No row at all where it is no replica (any more).
OPEN_THERE: Final = f"{OPEN} WHERE pg_is_in_recovery()"
Rows = list[tuple[Any, ...]]
Build = Callable[[Owner], Statement]
Fetch = Callable[[str, Build], Rows]


def reader(state: str) -> Fetch:
    """What reads for one request; as ``owned.fetch``, which it is where no replica is set.

    ``state`` is a query of one text, or of no row, with ``{owner}`` for an expression. What it tells of an owner's rows
    is true of no earlier or later ones.
    """
    return Reader(state).fetch if _is_set() else owned.fetch


@cache
def _is_set() -> bool:
    return watching.is_set()


@dataclass(slots=True)
class LetIn:
    """A caller whom the primary has let in (``row_owner.Proof``)."""

    user_id: str
    sql: str

    @property
    def values(self) -> list[str]:
        return [self.user_id]

    @property
    def is_beside_rows(self) -> bool:
        """It asks of no table."""
        return True

    def note(self) -> None:
        """The primary's statement has."""

    def prove(self) -> None:
        """As above."""


class Reader:
    def __init__(self, state: str) -> None:
        self._state = state
        # Whom the primary has let in.
        self._user_id = ""
        # What the replica has to be at; None: it is not asked any more.
        self._wanted: str | None = None

    def fetch(self, user_id: str, build: Build) -> Rows:
        if user_id != self._user_id:
            if not _may_ask(user_id):
                return owned.fetch(user_id, build)
            self._wanted, self._user_id = self._ask_primary(user_id), user_id
        rows = self._ask_replica(build) if self._wanted is not None else None
        if rows is None:
            self._wanted = None
            rows = _execute(connection.alias, LetIn(user_id, OPEN), build, owned.IS_DUE)
        return [] if rows[0][0] is None else rows

    def _ask_primary(self, user_id: str) -> str:
        def build(owner: Owner) -> Statement:
            return Statement(f"SELECT coalesce(({self._state.format(owner=owner.sql('%s'))}), '')", owner.values)

        return str(owned.fetch(user_id, build)[0][0])

    def _ask_replica(self, build: Build) -> Rows | None:
        """None: it is to be read from the primary."""
        try:
            with deadline.within(_patience()):
                rows = _execute(ALIAS, LetIn(self._user_id, OPEN_THERE), build, _told(self._state))
        except (DatabaseError, InterfaceError) as error:
            if _is_lost(error):
                watch.note_failure(type(error.__cause__ or error).__qualname__)
            return _answered("failed", None)
        if not rows:
            watch.note_failure(NO_REPLICA)
            return _answered("failed", None)
        if rows[0][-1] != self._wanted:
            return _answered("behind", None)
        return _answered("replica", rows)


def _may_ask(user_id: str) -> bool:
    """Of a caller who is yet to be proven nothing has been written by this request."""
    proof = row_owner.unproven()
    if proof is None or proof.user_id != user_id or connection.in_atomic_block:
        return False
    if not watch.is_usable:
        READS.count("not_asked")
        return False
    return True


def _execute(alias: str, caller: LetIn, build: Build, told: str) -> Rows:
    database: Any = connections[alias]
    statement = build(Owner(caller.user_id, caller))
    with row_owner.rows_of(None):
        return owned.execute(owned.with_proof(statement, caller, database.limit_of_a_statement, told), database)


def _is_lost(error: DatabaseError | InterfaceError) -> bool:
    """And not only the statement, which took too long, say. The next one gets another connection."""
    database: Any = connections[ALIAS]
    is_gone = database.connection is None or database.connection.closed
    database.close()
    return is_gone or str(getattr(error.__cause__, "sqlstate", "")).startswith(LEAVING)


def _patience() -> float:
    left = deadline.seconds_left()
    return PATIENCE_SECONDS if left is None else min(PATIENCE_SECONDS, left / 2)


@cache
def _told(state: str) -> str:
    return f"coalesce(({state.format(owner=owned.CALLER)}), '')"


def _answered(outcome: str, rows: Rows | None) -> Rows | None:
    READS.count(outcome)
    return rows
