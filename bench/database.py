"""The databases of a run: the service's own and one for each peer, with the same rows in all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.columns import COLUMNS, OTHERS_OF_SERVICE, SOURCE
from core.sql.postgresql.policies import SETTING
from core.sql.row_owner import EVERYBODY

# Nothing of the server's own may run in one's turn on account of another's.
QUIET: Final = {"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "16GB"}

PEER_TABLES: Final = """
    CREATE TABLE peer_user (
        id varchar(128) PRIMARY KEY, email varchar(254) UNIQUE NOT NULL, password varchar(128) NOT NULL DEFAULT '',
        is_active boolean NOT NULL DEFAULT TRUE
    );
    CREATE TABLE peer_session (
        id uuid PRIMARY KEY, user_id varchar(128) NOT NULL REFERENCES peer_user,
        expires_at timestamptz NOT NULL, ended_at timestamptz
    );
    CREATE INDEX peer_session_user_id ON peer_session (user_id, id);
"""


def named(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def quieten(superuser_url: str) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for name, value in QUIET.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        connection.execute("SELECT pg_reload_conf()")


def create(server_url: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return named(server_url, name)


def fill_service(url: str, counts: Sequence[tuple[str, int]]) -> None:
    """Tasks for users who exist. Raises ``RuntimeError`` for a column that bench/columns.py does not know."""
    with _filling(url) as connection:
        values = _values_of_service(connection)
        for user_id, count in counts:
            _insert_tasks(connection, "tasks_task", values, user_id, count)


def fill_peer(url: str, service_url: str, counts: Sequence[tuple[str, int]]) -> None:
    """The same users, sessions and tasks as the service's."""
    definitions = ", ".join(f'"{column.name}" {column.definition}' for column in COLUMNS)
    values = {column.name: column.value for column in COLUMNS}
    with psycopg.connect(service_url) as service, _filling(url) as connection:
        connection.execute(PEER_TABLES)
        connection.execute(sql.SQL(f"CREATE TABLE peer_task ({definitions})"))
        connection.execute("CREATE INDEX peer_task_user_id ON peer_task (user_id, id)")
        users = service.execute("SELECT id, email FROM accounts_user").fetchall()
        sessions = service.execute("SELECT id, user_id, expires_at FROM accounts_session").fetchall()
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO peer_user (id, email) VALUES (%s, %s)", users)
            cursor.executemany("INSERT INTO peer_session (id, user_id, expires_at) VALUES (%s, %s, %s)", sessions)
        for user_id, count in counts:
            _insert_tasks(connection, "peer_task", values, user_id, count)


def copy_people(url: str, service_url: str) -> None:
    """The service's users and sessions, in the columns that another commit of it has too."""
    with psycopg.connect(service_url) as service, psycopg.connect(url) as connection:
        for table in ("accounts_user", "accounts_session"):
            there = _columns(service, table)
            names = ", ".join(f'"{name}"' for name in _columns(connection, table) if name in there)
            with (
                service.cursor().copy(f"COPY (SELECT {names} FROM {table}) TO STDOUT") as rows,  # noqa: S608 - names of columns
                connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copied,
            ):
                for block in rows:
                    copied.write(block)


def switch_policies_off(url: str) -> None:
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute("SELECT relname FROM pg_class WHERE relrowsecurity").fetchall():
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))


def open_rows(url: str) -> psycopg.Connection[Any]:
    """Everybody's, where row security would show nobody's."""
    return psycopg.connect(url, options=f"-c {SETTING}={EVERYBODY}")


@contextmanager
def _filling(url: str) -> Iterator[psycopg.Connection]:
    with open_rows(url) as connection:
        yield connection
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _values_of_service(connection: psycopg.Connection) -> dict[str, str]:
    known = {column.name: column.value_of_service or column.value for column in COLUMNS} | OTHERS_OF_SERVICE
    columns = _columns(connection, "tasks_task")
    if unknown := [name for name, may_be_absent in columns.items() if name not in known and not may_be_absent]:
        raise RuntimeError(f"bench/columns.py has no value for tasks_task.{', '.join(unknown)}")
    return {name: known[name] for name in columns if name in known}


def _columns(connection: psycopg.Connection, table: str) -> dict[str, bool]:
    """By name, whether a row may leave it out; not those that the database generates."""
    rows: list[tuple[str, bool]] = connection.execute(
        "SELECT column_name, is_nullable = 'YES' OR column_default IS NOT NULL FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    ).fetchall()  # fmt: skip
    return dict(rows)


def _insert_tasks(connection: psycopg.Connection, table: str, values: dict[str, str], user_id: str, count: int) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    # The percent signs of the expressions are SQL's.
    expressions = ", ".join(values.values()).replace("%", "%%")
    statement = f"INSERT INTO {table} ({names}) SELECT {expressions} FROM ({SOURCE}) AS source"  # noqa: S608 - our own words
    connection.execute(statement, {"user_id": user_id, "count": count})
