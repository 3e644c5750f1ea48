"""psycopg's cursors for the few statements that run on nearly every request: the server plans each once a connection,
and so does psycopg.
"""

import logging
import threading
from typing import Any, Final, Self

import psycopg
from django.db.backends.postgresql.base import CursorMixin
from psycopg import Cursor, errors
from psycopg.pq import TransactionStatus

logger = logging.getLogger(__name__)

# Set for good once a statement that was prepared here is not known there, or could not be.
no_longer_prepares: Final = threading.Event()


class PreparingCursor(CursorMixin, Cursor[Any]):
    """Once more, unprepared, where what was prepared is of no use any more.

    Within a transaction nothing can be tried again; its end has psycopg forget what was prepared.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        try:
            return super().execute(query, params, **options)
        except (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement):
            stop_preparing()
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
        except errors.FeatureNotSupported:
            # "cached plan must not change result type": a migration has run meanwhile.
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            self.connection.execute("DEALLOCATE ALL")
        return super().execute(query, params, prepare=False)

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        # Django's log of queries reads it, and of what was prepared before psycopg leaves it out.
        self._query = super()._convert_query(query, params)
        return self._query


class KeptCursor(PreparingCursor):
    """Of one text, for as long as its connection lasts: only the values are new each time."""

    _converted: tuple[Any, Any] = (None, None)

    def __init__(self, connection: psycopg.Connection[Any], text: str) -> None:
        super().__init__(connection)
        # psycopg knows a text again that is the same object.
        self._text: Final = text

    def run(self, values: Any) -> None:
        self.execute(self._text, values)

    def take(self) -> list[tuple[Any, ...]]:
        """All rows. Of them and of the values nothing stays here."""
        rows = self.fetchall()
        self._tx.set_pgresult(None)
        self.pgresult = self._converted[1].params = None
        self._results.clear()
        return rows

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        """As psycopg in ``executemany``."""
        transformer, converted = self._converted
        if transformer is self._tx:
            converted.dump(params)
        else:
            converted = super()._convert_query(query, params)
            self._converted = self._tx, converted
        return converted


def stop_preparing() -> None:
    """Says so once: a pooler in transaction mode gives each transaction another server connection."""
    if not no_longer_prepares.is_set():
        no_longer_prepares.set()
        logger.warning(
            "A pooler stands before the database, so statements are not prepared and time limits set for each "
            "transaction; ?pgbouncer=true in DATABASE_URL says so from the start."
        )
