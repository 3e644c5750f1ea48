"""What PostgreSQL holds and Python cannot, as text: whoever reads the row refuses it, and the others come along."""

from typing import Any, Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.json import JsonbLoader, JsonLoader


class TextLoader(Loader):
    """A database of no encoding may hold any bytes."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode(errors="surrogateescape")


def _leniently(strict: type[Loader]) -> type[Loader]:
    class Lenient(strict):  # type: ignore[misc, valid-type] # a class that is passed in
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except (psycopg.DataError, ValueError, RecursionError):
                return bytes(data).decode(errors="surrogateescape")

    return Lenient


LOADERS: Final[dict[str, type[Loader]]] = {
    "text": TextLoader,
    "varchar": TextLoader,
    "bpchar": TextLoader,
    "date": _leniently(DateLoader),
    "timestamp": _leniently(TimestampLoader),
    "timestamptz": _leniently(TimestamptzLoader),
    "json": _leniently(JsonLoader),
    "jsonb": _leniently(JsonbLoader),
}


def read(connection: psycopg.Connection[Any]) -> None:
    for name, loader in LOADERS.items():
        connection.adapters.register_loader(name, loader)
