"""Another backend's database, which is only read: one snapshot of it, row by row."""

import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import psycopg
from psycopg.rows import dict_row

from todo_project.importing import leniently

CONNECT_SECONDS: Final = 10
FETCHED: Final = 2000
# Of a table that PostgreSQL holds, in its search path; kinds of columns in its own words.
PG_COLUMNS: Final = """
    SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped
"""
PG_TABLES: Final = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND has_table_privilege(oid, 'SELECT')
        AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""
# Where they begin in 32 digits, and how long they are.
UUID_PARTS: Final = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))

Row = Mapping[str, Any]


class Source(Protocol):
    def tables(self) -> Sequence[str]:
        """All that may be named without a schema."""

    def columns(self, table: str) -> Mapping[str, str]:
        """Their kinds, by name; empty where there is no such table."""

    def text_of(self, table: str, column: str) -> str:
        """The SQL of an id as the backend's clients know it, which also sorts as Python's strings do."""

    def stream(self, sql: str) -> Generator[Row, None, None]: ...

    def count(self, table: str) -> int: ...

    def has_rows(self, table: str) -> bool: ...


class PostgreSQL:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._streams = 0

    def tables(self) -> Sequence[str]:
        return [row[0] for row in self._connection.execute(PG_TABLES).fetchall()]

    def columns(self, table: str) -> Mapping[str, str]:
        return dict(self._connection.execute(PG_COLUMNS, [table]).fetchall())

    def text_of(self, table: str, column: str) -> str:
        return f'CAST("{table}"."{column}" AS text) COLLATE "C"'

    def stream(self, sql: str) -> Generator[Row, None, None]:
        self._streams += 1
        with self._connection.cursor(f"moving_{self._streams}", row_factory=dict_row) as cursor:
            cursor.itersize = FETCHED
            yield from cursor.execute(sql)

    def count(self, table: str) -> int:
        row = self._connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - a name of ours
        return int(row[0]) if row else 0

    def has_rows(self, table: str) -> bool:
        return self._connection.execute(_first_row(table)).fetchone() is not None


class SQLite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kinds: dict[str, dict[str, str]] = {}

    def tables(self) -> Sequence[str]:
        rows = self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return [row["name"] for row in rows]

    def columns(self, table: str) -> Mapping[str, str]:
        if table not in self._kinds:
            rows = self._connection.execute("SELECT name, lower(type) FROM pragma_table_info(?)", [table]).fetchall()
            self._kinds[table] = dict(map(tuple, rows))
        return self._kinds[table]

    def text_of(self, table: str, column: str) -> str:
        name = f'"{table}"."{column}"'
        # SQLAlchemy's UUID, which clients see with its hyphens.
        if self.columns(table)[column] == "char(32)":
            hyphened = " || '-' || ".join(f"substr({name}, {start}, {length})" for start, length in UUID_PARTS)
            name = f"CASE length({name}) WHEN 32 THEN lower({hyphened}) ELSE {name} END"
        return f"CAST({name} AS text) COLLATE BINARY"

    def stream(self, sql: str) -> Generator[Row, None, None]:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(FETCHED):
                yield from map(dict, rows)

    def count(self, table: str) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - as above

    def has_rows(self, table: str) -> bool:
        return self._connection.execute(_first_row(table)).fetchone() is not None


def _first_row(table: str) -> str:
    """Of a table that may have any name."""
    return f'SELECT 1 FROM "{table.replace(chr(34), chr(34) * 2)}" LIMIT 1'  # noqa: S608 - quoted


@contextmanager
def opened(database: Mapping[str, Any], base_dir: Path) -> Iterator[Source]:
    """For a parsed URL. Raises ``psycopg.Error`` or ``sqlite3.Error``."""
    if "sqlite" in database["ENGINE"]:
        with _sqlite(str(base_dir / database["NAME"])) as sqlite:
            yield SQLite(sqlite)
    else:
        with _postgresql(database) as connection:
            yield PostgreSQL(connection)


@contextmanager
def _sqlite(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        # What is no UTF-8 is left for whoever reads it to refuse.
        connection.text_factory = lambda text: text.decode(errors="surrogateescape")
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        yield connection


@contextmanager
def _postgresql(database: Mapping[str, Any]) -> Iterator[psycopg.Connection[Any]]:
    places = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given: dict[str, Any] = {ours: database.get(theirs) or None for ours, theirs in places.items()}
    options = {"connect_timeout": CONNECT_SECONDS, "application_name": "todo import", **database.get("OPTIONS", {})}
    with psycopg.connect(**given, **options, client_encoding="utf8", prepare_threshold=None) as connection:
        leniently.read(connection)
        connection.read_only = True
        # One snapshot, whatever is written there meanwhile.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def selecting(source: Source, table: str, columns: Mapping[str, str], ids: Sequence[str], order: Sequence[str]) -> str:
    """Rows with ``columns`` (our name -> theirs), those that are ids as text, in the order of these."""
    listed = ", ".join(f'{sql} AS "{ours}"' for ours, sql in picking(source, table, columns, ids).items())
    ordered = ", ".join(picking(source, table, columns, ids)[name] for name in order)
    return f'SELECT {listed} FROM "{table}" ORDER BY {ordered}'  # noqa: S608 - names that were found in the catalogue


def picking(source: Source, table: str, columns: Mapping[str, str], ids: Sequence[str]) -> dict[str, str]:
    """The SQL of each column."""
    return {
        ours: source.text_of(table, theirs) if ours in ids else f'"{table}"."{theirs}"'
        for ours, theirs in columns.items()
    }
