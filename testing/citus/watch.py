"""Watches the suite's SQL on PostgreSQL: what Citus would refuse fails the test that it runs in.

A text is parsed once a process; lists of values and rows count as one of each length.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from core.sql.postgresql import distribution
from testing.citus import rules
from todo_project.row_security import TABLES

# What runs on plain PostgreSQL alone: by a part of its text, and what there is instead where tables are spread.
PLAIN: Final = {
    r"taken AS \(\s*INSERT INTO core_usage": "tasks.statements inserts by a Pen",
    r"before AS MATERIALIZED \(\s*SELECT id, version": "tasks.statements edits and trashes by a Pen",
    r'EXISTS\(SELECT (?:1|%s) AS "a" FROM "accounts_session" U0 WHERE': "staff.pages.searching looks in a list of them",
    r" SELECT \* FROM UNNEST\(": "Django's bulk_create; import_backend runs before manage.py distribute",
    r" FOR UPDATE SKIP LOCKED$": "core.sql.batches locks no rows",
}
PLACE: Final = re.compile(r"%%|%(?:\((\w+)\))?s")
# Those that differ in nothing but their length.
LONG_LIST: Final = re.compile(r"\bIN \((%(?:\(\w+\))?s)(?:, %(?:\(\w+\))?s)+\)", re.IGNORECASE)
MANY_ROWS: Final = re.compile(r"(\bVALUES \([^()]*\))(?:, \([^()]*\))+", re.IGNORECASE)
WORDS: Final = re.compile(r"\s*\(?\s*(SELECT|INSERT|UPDATE|DELETE|WITH|ALTER TABLE|CREATE)\b", re.IGNORECASE)


class RefusedByCitus(AssertionError):
    pass


def check(sql: str, *, has_values: bool = True) -> None:
    """Raises ``RefusedByCitus``."""
    found = _found(sql, has_values)
    if found and not (_plain_part(sql) and not connection.settings_dict.get("IS_DISTRIBUTED")):
        raise RefusedByCitus("; ".join(found), sql)


@lru_cache(8192)
def _found(sql: str, has_values: bool) -> tuple[str, ...]:
    if not WORDS.match(sql) or not _names_table(sql):
        return ()
    return _parsed(_numbered(_shortened(sql)) if has_values else sql)


@lru_cache(8192)
def _parsed(sql: str) -> tuple[str, ...]:
    owned, users = _tables()
    return tuple(rules.breaches(sql, owned, frozenset(TABLES), users))


@cache
def _tables() -> tuple[frozenset[str], str]:
    return frozenset(distribution.owned_tables()), distribution.users_table()


def _names_table(sql: str) -> bool:
    owned, users = _tables()
    return users in sql or any(table in sql for table in owned)


@lru_cache(8192)
def _plain_part(sql: str) -> str | None:
    return next((part for part in PLAIN if re.search(part, sql)), None)


def _shortened(sql: str) -> str:
    return MANY_ROWS.sub(r"\1", LONG_LIST.sub(r"IN (\1, \1)", sql))


def _numbered(sql: str) -> str:
    """As the server gets it."""
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${names.setdefault(found[1] or str(found.start()), len(names) + 1)}"

    return PLACE.sub(place, sql)


def _wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    check(sql, has_values=params is not None)
    return execute(sql, params, many, context)


def _watch_new(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _wrapper not in connection.execute_wrappers:
        connection.execute_wrappers.append(_wrapper)


@contextmanager
def watched() -> Iterator[None]:
    """On this thread's connection and on every one opened meanwhile; nothing on SQLite."""
    if connection.vendor != "postgresql":
        yield
        return
    connection_created.connect(_watch_new)
    _watch_new(connection)
    try:
        yield
    finally:
        connection_created.disconnect(_watch_new)
        connection.execute_wrappers.remove(_wrapper)
