"""What a statement sets for a whole session stays on its connection, which the pool gives to a later test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection
from psycopg import Connection
from psycopg.pq import TransactionStatus

from core.sql.postgresql.policies import SETTING
from testing.watching.statements import Execute, statements_through

# ``SET LOCAL`` and ``set_config(…, true)`` end with their transaction.
FOR_A_SESSION: Final = re.compile(
    r"(^|;)\s*SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)|\bset_config\s*\((?![^)]*,\s*true\s*\))", re.IGNORECASE
)
# The last is none of the server's own, which it does not list.
SET_NOW: Final = f"""
    SELECT name, setting FROM pg_settings WHERE source = 'session'
    UNION ALL SELECT '{SETTING}', current_setting('{SETTING}', true)
    WHERE COALESCE(current_setting('{SETTING}', true), '') <> ''
"""  # noqa: S608 - a constant

Settings = set[tuple[str, str]]


class SettingLeft(AssertionError):
    pass


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """On this thread's connection, until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"RESET {name}")


@contextmanager
def none_left() -> Iterator[None]:
    """Raises ``SettingLeft`` where a connection keeps one that it did not have before the block."""
    before: dict[Connection[Any], Settings] = {}

    def note(execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
        session = context["connection"].connection
        if FOR_A_SESSION.search(sql) and session not in before and _status_of(session) != TransactionStatus.INERROR:
            before[session] = _settings_of(session)
        return execute(sql, params, many, context)

    with statements_through(note):
        yield
    for session, settings in before.items():
        # A transaction that is still open is one that the test's end rolls back, and its settings with it.
        if _status_of(session) == TransactionStatus.IDLE and (left := _settings_of(session) - settings):
            raise SettingLeft(f"{sorted(left)} would hold for the tests that get this connection next")


def _settings_of(session: Connection[Any]) -> Settings:
    was_idle = _status_of(session) == TransactionStatus.IDLE
    found = set(session.execute(SET_NOW, prepare=False).fetchall())
    if was_idle:
        # Where it does not commit by itself it has begun a transaction.
        session.rollback()
    return found


def _status_of(session: Connection[Any]) -> TransactionStatus:
    return session.info.transaction_status
