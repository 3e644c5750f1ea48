"""What a backend keeps that has no place here, by name: nobody should find out afterwards."""

from collections.abc import Iterator, Mapping
from typing import Final

from todo_project.importing.report import shown
from todo_project.importing.shapes import CREATED, CREDENTIALS, OWNER, UPDATED, Table
from todo_project.importing.source import Source

# Nobody misses them: sessions end with a move, and keys and migrations are the other program's own.
NOT_MISSED: Final = frozenset(
    {"session", "sessions", "verification", "verifications", "jwks", "alembic_version", "sqlite_sequence", *CREDENTIALS}
)
# Whose a message is its conversation says.
KNOWN_OTHERWISE: Final = frozenset({*CREATED, *UPDATED, *OWNER})


def left_there(source: Source, tables: Mapping[str, Table]) -> str:
    """A sentence, or nothing."""
    columns, others = (sorted(map(shown, found(source, tables))) for found in (_columns, _tables))
    told = [f"the columns {', '.join(columns)}"] if columns else []
    told += [f"the tables {', '.join(others)}"] if others else []
    return f"Not looked at: {'; '.join(told)}." if told else ""


def _columns(source: Source, tables: Mapping[str, Table]) -> Iterator[str]:
    for table in tables.values():
        for name in source.columns(table.name).keys() - {*table.columns.values(), *KNOWN_OTHERWISE}:
            yield f"{table.name}.{name}"


def _tables(source: Source, tables: Mapping[str, Table]) -> Iterator[str]:
    for name in set(source.tables()) - {table.name for table in tables.values()} - NOT_MISSED:
        if source.has_rows(name):
            yield name
