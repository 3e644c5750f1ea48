"""Django's PostgreSQL backend, whose pool lets no request pay for connections that died.

Django's own ``CONN_HEALTH_CHECKS`` has psycopg's pool try its connections one by one, with a growing
pause after each bad one. After a restart of the server all are bad at once, and a request waited
until it timed out.
"""

import atexit
import logging
import select
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Connection, Cursor, OperationalError, errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from core.sql import serving
from core.sql.postgresql.pool import PromptConnection, PromptPool
from core.sql.postgresql.row_security import ArmedWrapper

logger = logging.getLogger(__name__)

# Set for good once a statement that was prepared here is not known there, or could not be.
no_longer_prepares: Final = threading.Event()
LIMITS: Final = """
    SELECT set_config(name, milliseconds, false) FROM unnest(%s::text[], %s::text[]) AS setting(name, milliseconds)
"""


class DatabaseWrapper(ArmedWrapper):
    # By alias.
    _connection_pools: ClassVar[dict[str, PromptPool]] = {}
    _parameters: Mapping[str, Any] | None = None

    @property
    def pool(self) -> Any:
        """Django's, of our own kind."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if serving.is_command or self.alias == NO_DB_ALIAS or not options:
            return None
        pools = self._connection_pools
        if self.alias not in pools:
            made = PromptPool(
                connection_class=PromptConnection,
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                **options,
            )
            # Of several threads that make one the first counts; the others' are not open yet.
            pools.setdefault(self.alias, made)
        return pools[self.alias]

    def _configure_connection(self, connection: Connection[Any]) -> Any:
        must_commit: bool = super()._configure_connection(connection)  # type: ignore[misc] # Django's, which the stubs hide
        if serving.is_command or connection.prepare_threshold is None:
            return must_commit
        # A pooler gives another number for the process, and a setting made through it is everybody's.
        if connection.execute("SELECT pg_backend_pid()").fetchone() != (connection.info.backend_pid,):
            stop_preparing()
            return must_commit
        names, values = list(self._limits), [str(value) for value in self._limits.values()]
        connection.execute(LIMITS, [names, values])
        return True

    def get_connection_params(self) -> dict[str, Any]:
        """Django asks with each request; those of a pool are what it was made with."""
        if self.alias not in self._connection_pools:
            return dict(super().get_connection_params())
        if self._parameters is None:
            self._parameters = super().get_connection_params()
        return dict(self._parameters)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises ``OperationalError`` when the pool has none to give in its ``timeout``."""
        pool: ConnectionPool[Connection[Any]] | None = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        if pool.closed:
            # Since Python 3.13 an open one holds up the exit and complains (psycopg issues 930 and 954).
            atexit.register(pool.close)
        connection = super().get_new_connection(conn_params)
        if not self.settings_dict.get("POOL_PRE_PING") or _is_alive(connection):
            return connection
        # One that died was hardly the only one: replace all of them now, then queue for a new one.
        pool.putconn(connection)
        pool.check()
        return super().get_new_connection(conn_params)

    @property
    def may_lose_settings(self) -> bool:
        """Behind a pooler each transaction may have another server connection."""
        return self.settings_dict["OPTIONS"].get("prepare_threshold") is None or no_longer_prepares.is_set()

    @property
    def limits_of_a_transaction(self) -> str:  # type: ignore[override] # a plain text without a pooler
        if serving.is_command or not self.may_lose_settings:
            return ""
        return "".join(f", set_config('{name}', '{value}', true)" for name, value in self._limits.items())

    @property
    def limit_of_a_statement(self) -> str:
        """What still counts for the statement that sets it: how long it waits for a lock. Added to a text."""
        value = self._limits.get("lock_timeout")
        return f" || set_config('lock_timeout', '{value}', true)" if value and self.may_lose_settings else ""

    @property
    def _limits(self) -> Mapping[str, int]:
        limits: Mapping[str, int] = self.settings_dict.get("LIMITS", {})
        return limits

    def prepared_cursor(self) -> CursorWrapper:
        """One that sends values apart from the text, so that the server plans a statement once.

        Planning a short one costs more than running it. Its values must have types that PostgreSQL can
        infer, which not all that the ORM writes have.
        """
        self.ensure_connection()
        if self.may_lose_settings:
            return self.cursor()
        cursor: Any = PreparingCursor(self.connection)
        return self._prepare_cursor(cursor)  # type: ignore[attr-defined, no-any-return] # as for every other cursor


class PreparingCursor(base.CursorMixin, Cursor[Any]):
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


def stop_preparing() -> None:
    """Says so once: a pooler in transaction mode gives each transaction another server connection."""
    if not no_longer_prepares.is_set():
        no_longer_prepares.set()
        logger.warning(
            "A pooler stands before the database, so statements are not prepared and time limits set for each "
            "transaction; ?pgbouncer=true in DATABASE_URL says so from the start."
        )


def _is_alive(connection: Connection[Any]) -> bool:
    """Asks the server only if there is something to read: the end of a connection, or its farewell.

    An idle one has nothing, so the usual check costs no round trip.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
