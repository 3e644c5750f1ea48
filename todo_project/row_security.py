"""Whether the database keeps people's rows apart too, or the service's statements alone."""

from typing import Any, Final

import psycopg
from django.db import connection

from core.sql.postgresql.distribution import IS_SPREAD

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
LOOK: Final = """
    SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls))
       AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS owned (name) WHERE NOT row_security_active(to_regclass(name))),
           to_regclass('pg_dist_partition') IS NOT NULL
"""
ON: Final = "on"
OFF: Final = "off"
UNHEARD: Final = "unheard"
WARNINGS: Final = {
    OFF: "Row security is off: the role in DATABASE_URL is a superuser, has BYPASSRLS or finds a policy gone, so the"
    " service alone keeps people's rows apart.",
    UNHEARD: "Citus spreads the tables, whose machines are told whose rows are open only where DATABASE_URL ends with"
    " ?citus=true: nobody's are.",
}
# At the start, which must not wait for a database that is silent.
CONNECT_SECONDS: Final = 2


def state() -> str:
    """``ON``, ``OFF`` or ``UNHEARD``."""
    if connection.vendor != "postgresql":
        return OFF
    with connection.cursor() as cursor:
        return _state(cursor)


def state_at_start() -> str:
    """As ``state``, or why it cannot be said, by a connection that no worker inherits."""
    if connection.vendor != "postgresql":
        return "none, SQLite has one layer: the service"
    parameters = {**connection.get_connection_params(), "connect_timeout": CONNECT_SECONDS}
    try:
        with psycopg.connect(**parameters) as database, database.cursor() as cursor:
            return _state(cursor)
    except psycopg.Error:
        return "unknown, the database does not answer yet"


def _state(cursor: Any) -> str:
    cursor.execute(LOOK, [list(TABLES)])
    is_on, has_citus = cursor.fetchone()
    if has_citus and not connection.settings_dict.get("IS_DISTRIBUTED"):
        cursor.execute(IS_SPREAD, ["tasks_task"])
        if cursor.fetchone()[0]:
            return UNHEARD
    return ON if is_on else OFF
