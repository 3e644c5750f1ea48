"""A database for one test's own servers, beside the suite's."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def empty_database(server_url: str, directory: Path) -> Iterator[str]:
    """On the PostgreSQL server of ``server_url``, or else a SQLite file in ``directory``."""
    if server_url.startswith("sqlite"):
        yield f"sqlite:///{directory / 'own.sqlite3'}"
        return
    name = f"own_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
