"""Django's PostgreSQL backend, whose pool lets no request pay for connections that died.

Django's own ``CONN_HEALTH_CHECKS`` has psycopg's pool try its connections one by one, with a growing
pause after each bad one. After a restart of the server all are bad at once, and a request waited
until it timed out.
"""

import atexit
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Final

from django.db.backends.base.base import NO_DB_ALIAS, RAN_DB_VERSION_CHECK
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper
from psycopg import Connection

from core.sql import serving
from core.sql.postgresql.cursors import KeptCursor, PreparingCursor, no_longer_prepares, stop_preparing
from core.sql.postgresql.instants import with_instants
from core.sql.postgresql.pool import PromptConnection, PromptPool
from core.sql.postgresql.row_security import ArmedWrapper

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
        if serving.is_command:
            return None
        return self._connection_pools.get(self.alias) or self._make_pool()

    def _make_pool(self) -> PromptPool | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        made = PromptPool(
            connection_class=PromptConnection,
            kwargs=self.get_connection_params() | {"autocommit": True},
            open=False,
            configure=self._configure_connection,
            **options,
        )
        # Of several threads that make one the first counts; the others' are not open yet.
        return self._connection_pools.setdefault(self.alias, made)

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
        """Of a pool, those that it was made with."""
        if self._parameters is None or self.alias not in self._connection_pools:
            parameters: dict[str, Any] = super().get_connection_params()
            self._parameters = parameters | {"context": with_instants(parameters["context"], self.timezone)}
        return dict(self._parameters)

    def connect(self) -> None:
        """As Django's, of whose steps each request pays only those that an open pool's connections need."""
        pool = self.pool
        if pool is None or pool.closed or self.alias not in RAN_DB_VERSION_CHECK:
            super().connect()
            return
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = self.errors_occurred = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.run_commit_hooks_on_set_autocommit_on = False
        self.connection = taken = self._take(pool)
        if not taken.autocommit:
            # Given back in the middle of a transaction.
            taken.autocommit = True
        # Of each request's end: now.
        self.autocommit, self.close_at = True, 0.0
        connection_created.send(sender=type(self), connection=self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises ``OperationalError`` when the pool has none to give in its ``timeout``."""
        pool: PromptPool | None = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        if pool.closed:
            # Since Python 3.13 an open one holds up the exit and complains (psycopg issues 930 and 954).
            atexit.register(pool.close)
            pool.open()
        return self._take(pool)

    def _take(self, pool: PromptPool) -> PromptConnection:
        connection = pool.getconn()
        if not self.settings_dict.get("POOL_PRE_PING") or connection.is_alive():
            return connection
        # One that died was hardly the only one: replace all of them now, then queue for a new one.
        pool.putconn(connection)
        pool.check()
        return pool.getconn()

    def close_if_unusable_or_obsolete(self) -> None:
        """A pool's connection is given back with each request."""
        if self.errors_occurred or self.connection is None or self.pool is None:
            super().close_if_unusable_or_obsolete()
        else:
            self.close()

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

    def fetch_prepared(self, sql: str, values: Any) -> list[tuple[Any, ...]]:
        """What ``prepared_cursor`` would bring, through a cursor that the connection keeps for this text."""
        self.ensure_connection()
        if self.may_lose_settings or self.queries_logged or not isinstance(self.connection, PromptConnection):
            with self.prepared_cursor() as plain:
                plain.execute(sql, values)
                return list(plain.fetchall())
        self.validate_thread_sharing()
        cursor = self.connection.kept_cursor(sql)
        execute: Callable[..., Any] = self._execute_kept
        for wrapper in reversed(self.execute_wrappers):
            execute = partial(wrapper, execute)
        execute(sql, values, False, {"connection": self, "cursor": cursor})
        with self.wrap_database_errors:
            return cursor.take()

    def _execute_kept(self, _: str, values: Any, many: bool, context: Mapping[str, Any]) -> None:
        """The innermost."""
        self.validate_no_broken_transaction()
        cursor: KeptCursor = context["cursor"]
        with self.wrap_database_errors:
            cursor.run(values)
