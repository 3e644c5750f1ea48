"""Whether the replica is to be read: one thread a process looks once a second, and requests tell what they meet.

A request never waits for a replica that is known to be away. It is the thread that finds it back.
"""

import logging
import threading
import time
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections

from core.sql import deadline
from core.sql.replica.lag import Lag

logger = logging.getLogger(__name__)

ALIAS: Final = "replica"
OK: Final = "ok"
FAILED: Final = "failed"
BEHIND: Final = "behind"
EVERY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 1.0
# Further behind it is asked in vain by everybody who has written since.
MAX_LAG_SECONDS: Final = 60.0
# How long somebody waits for the first look of a process.
FIRST_SECONDS: Final = 0.5
# What is sent is what is flushed. Where the next record would begin is further on, at times, with nothing to send.
WRITTEN: Final = "SELECT CAST(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0') AS bigint)"
# Null where it is no replica, or has been made the primary.
REPLAYED: Final = """
    SELECT CASE WHEN pg_is_in_recovery() THEN CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS bigint) END
"""
NO_REPLICA: Final = "it is no replica (any more)"


class Watch:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._lag = Lag()
        self._state = FAILED
        self._has_looked = threading.Event()
        # Of requests: a look that was taken meanwhile says nothing.
        self._failures = 0

    @property
    def is_usable(self) -> bool:
        if self._thread is None:
            self._start()
        return self._state == OK

    def state(self) -> str:
        if self._thread is None:
            self._start()
        self._has_looked.wait(FIRST_SECONDS)
        return self._state

    def note_failure(self, why: str) -> None:
        """From here on it is left alone, until the thread finds it well again."""
        with self._lock:
            self._failures += 1
            self._change(FAILED, why)

    def _start(self) -> None:
        # At the first read, and so in the process that serves it: threads do not outlive a fork.
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._look()
            self._has_looked.set()
            time.sleep(EVERY_SECONDS)

    def _look(self) -> None:
        failures = self._failures
        state, why = self._found()
        with self._lock:
            if failures == self._failures:
                self._change(state, why)

    def _found(self) -> tuple[str, str]:
        self._note_written()
        try:
            with deadline.within(LOOK_SECONDS):
                replayed = _ask(ALIAS, REPLAYED)
        except (DatabaseError, InterfaceError) as error:
            return FAILED, type(error.__cause__ or error).__qualname__
        if replayed is None:
            return FAILED, NO_REPLICA
        lag = self._lag.seconds(replayed, time.monotonic())
        return (BEHIND, f"it is {lag:.0f} s behind") if lag > MAX_LAG_SECONDS else (OK, "")

    def _note_written(self) -> None:
        try:
            with deadline.within(LOOK_SECONDS):
                self._lag.note_written(_ask(connection.alias, WRITTEN), time.monotonic())
        except (DatabaseError, InterfaceError):
            # Every request meets that the primary is away, and says so.
            return

    def _change(self, state: str, why: str) -> None:
        """Its lines are rationed over all processes (``core.logs``), so what lasts is told again and again."""
        if state != OK:
            logger.warning("Reads stay on the primary, not on the replica: %s", why)
        elif self._state != OK and self._has_looked.is_set():
            logger.info("Reads go to the replica")
        self._state = state


def _ask(alias: str, sql: str) -> Any:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        # To its pool.
        connections[alias].close()


def is_set() -> bool:
    return ALIAS in settings.DATABASES


watch: Final = Watch()
