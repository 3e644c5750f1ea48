"""psycopg's connections and their pool, where a server that is away or silent is waited for no longer than anybody
can use.
"""

import select
import time
from functools import cached_property
from typing import Any, Final, TypeVar

from psycopg import Connection, OperationalError, errors
from psycopg.abc import PQGen
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

from core.sql import deadline
from core.sql.postgresql.cursors import KeptCursor

Result = TypeVar("Result")

# How often psycopg looks up while it waits; its own.
WAKE_SECONDS: Final = 0.1
MOST_KEPT: Final = 100
# Under load every one of a pool serves once in as many seconds as it has.
TURN_SECONDS: Final = 1.0
GAVE_UP: Final = "No answer in time"


class PromptConnection(Connection[Any]):
    """One that is closed when an answer has not come by the deadline: whatever it brings later is another's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[str, KeptCursor] = {}

    def kept_cursor(self, text: str) -> KeptCursor:
        """Of a text that is one of few."""
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) == MOST_KEPT:
                self._kept.clear()
            found = self._kept[text] = KeptCursor(self, text)
        return found

    def close(self) -> None:
        # They hold on to it.
        self._kept.clear()
        super().close()

    def wait(self, gen: PQGen[Result], interval: float = WAKE_SECONDS, timeout: float | None = None) -> Result:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, deadline.seconds_left())
        except errors._WaitTimeout as late:  # noqa: SLF001 - what psycopg's own wait raises
            self.pgconn.finish()
            raise OperationalError(GAVE_UP) from late

    def is_alive(self) -> bool:
        """Asks the server only if there is something to read: the end of a connection, or its farewell.

        An idle one has nothing, so the usual check costs no round trip.
        """
        if not self._poll.poll(0):
            return True
        try:
            ConnectionPool.check_connection(self)
        except OperationalError:
            return False
        return True

    @cached_property
    def _poll(self) -> select.poll:
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return poll


class Attempt(AttemptWithBackoff):
    """Every quarter of a second, and not after 1, 2, 4: who asks when the server is back is served at once."""

    INITIAL_DELAY = 0.25
    DELAY_BACKOFF = 1.0


class PromptPool(ConnectionPool[PromptConnection]):
    # By ``time.monotonic()``, when the one that has waited for the longest serves next.
    _next_turn = 0.0

    def getconn(self, timeout: float | None = None) -> PromptConnection:
        left, patience = deadline.seconds_left(), self.timeout if timeout is None else timeout
        return super().getconn(patience if left is None else min(left, patience))

    def _get_ready_connection(self, timeout: float | None) -> PromptConnection | None:
        """The one that was given back last, and each second the one that has waited for the longest: psycopg looks how
        old one is when it is given back.

        Where they serve in turn, as psycopg has them, none has what it needs in the processor's caches.
        """
        now = time.monotonic()
        if now < self._next_turn:
            # It takes the first.
            self._pool.rotate()
        else:
            self._next_turn = now + TURN_SECONDS
        return super()._get_ready_connection(timeout)

    def _add_connection(self, attempt: AttemptWithBackoff | None, growing: bool = False) -> None:
        super()._add_connection(attempt or Attempt(timeout=self.reconnect_timeout), growing)
