"""A database for one test's own servers, beside the suite's; and who waits in that one."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper
from psycopg import sql

from core.sql.statements import is_distributed
from testing.service import wait_until

# Of this database alone: other tests run beside. A lock on a row is one on a transaction, which names none.
WAITING: Final = """
    SELECT count(*) FROM pg_locks AS wanted WHERE NOT wanted.granted AND EXISTS (
        SELECT FROM pg_locks AS held JOIN pg_database ON pg_database.oid = held.database
        WHERE held.pid = wanted.pid AND datname = current_database()
    )
"""
# Where Citus spreads the tables a lock is waited for on a machine, of whose waits the coordinator asks it.
WAITING_ON_MACHINES: Final = "SELECT count(DISTINCT waiting_gpid) FROM citus_lock_waits"


@contextmanager
def empty_database(directory: Path) -> Iterator[str]:
    """On the PostgreSQL server that the suite runs on, or else a SQLite file in ``directory``."""
    if _is_sqlite():
        yield f"sqlite:///{directory / 'own.sqlite3'}"
        return
    with _created(sql.SQL("")) as url:
        yield url


@contextmanager
def copied_database(template: str, directory: Path) -> Iterator[str]:
    """As ``template`` is, which nobody may be connected to."""
    if _is_sqlite():
        shutil.copyfile(template.removeprefix("sqlite:///"), directory / "own.sqlite3")
        yield f"sqlite:///{directory / 'own.sqlite3'}"
        return
    with _created(sql.SQL("TEMPLATE {}").format(sql.Identifier(urlsplit(template).path.removeprefix("/")))) as url:
        yield url


@contextmanager
def closed_by_threads() -> Iterator[None]:
    """Django closes no connection to a SQLite database in memory, for the last one's end is the database's. The suite's
    own stays here, and those of threads close as they are told: Python 3.13 warns of each that ends with its thread.
    """
    kept, leave = connections[DEFAULT_DB_ALIAS], DatabaseWrapper.close

    def close(self: DatabaseWrapper) -> None:
        is_of_a_thread = self is not kept and self.settings_dict["NAME"] == kept.settings_dict["NAME"]
        (BaseDatabaseWrapper.close if is_of_a_thread else leave)(self)

    with mock.patch.object(DatabaseWrapper, "close", close):
        yield


def wait_for_waiters(count: int) -> None:
    """Until so many connections of the test's database wait for a lock; PostgreSQL's, or its machines'."""
    wait_until(lambda: _count_waiting() == count)


def _count_waiting() -> int:
    if is_distributed():
        # A connection of its own: a transaction sees who is at work as they were when it first asked.
        with psycopg.connect(**connection.get_connection_params()) as database:
            [(count,)] = database.execute(WAITING_ON_MACHINES).fetchall()
        return int(count)
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


def server_url() -> str:
    return os.environ["DATABASE_URL"]


def _is_sqlite() -> bool:
    return server_url().startswith("sqlite")


@contextmanager
def _created(options: sql.Composable) -> Iterator[str]:
    name = f"own_{secrets.token_hex(4)}"
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), options))
        try:
            yield urlunsplit(urlsplit(server_url())._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
