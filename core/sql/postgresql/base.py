"""Django's PostgreSQL backend, whose pool lets no request pay for connections that died.

Django's own ``CONN_HEALTH_CHECKS`` has psycopg's pool try its connections one by one, with a growing
pause after each bad one. After a restart of the server all are bad at once, and a request waited
until it timed out.
"""

import atexit
import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
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

    def prepared_cursor(self) -> CursorWrapper:
        """One that sends values apart from the text, so that the server plans a statement once.

        Planning a short one costs more than running it. Its values must have types that PostgreSQL can
        infer, which not all that the ORM writes have.
        """
        self.ensure_connection()
        if self.settings_dict["OPTIONS"].get("prepare_threshold") is None:
            return self.cursor()
        cursor: Any = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg] # psycopg's, which the stubs hide
        return self._prepare_cursor(cursor)  # type: ignore[attr-defined, no-any-return] # as for every other cursor


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
