"""Whether the database keeps people's rows apart too, or the service's statements alone."""

from typing import Final

import psycopg
from django.db import connection

# Each with a policy (``core.sql.postgresql.policies``). Sessions and tokens are read before anybody is known.
TABLES: Final = (
    "assistant_conversation",
    "assistant_message",
    "assistant_pendingaction",
    "assistant_tokenuse",
    "core_idempotencykey",
    "core_usage",
    "tasks_entry",
    "tasks_oldtaskid",
    "tasks_task",
    "tasks_trashedtask",
)
# No policy binds a superuser or a role with BYPASSRLS, nor any role where it was taken away.
IS_ON: Final = """
    SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls))
       AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS owned (name) WHERE NOT row_security_active(to_regclass(name)))
"""
WARNING: Final = (
    "Row security is off: the role in DATABASE_URL is a superuser, has BYPASSRLS or finds a policy gone, so the service"
    " alone keeps people's rows apart."
)
# At the start, which must not wait for a database that is silent.
CONNECT_SECONDS: Final = 2


def is_on() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(IS_ON, [list(TABLES)])
        return bool(cursor.fetchone()[0])


def state_at_start() -> str:
    """``on``, ``off`` or why neither is said, by a connection that no worker inherits."""
    if connection.vendor != "postgresql":
        return "none, SQLite has one layer: the service"
    try:
        with psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": CONNECT_SECONDS}) as database:
            row = database.execute(IS_ON, [list(TABLES)]).fetchone()
    except psycopg.Error:
        return "unknown, the database does not answer yet"
    return "on" if row is not None and row[0] else "off"
