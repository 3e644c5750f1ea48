"""A database for one test's own servers, beside the suite's."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


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


def server_url() -> str:
    return os.environ["DATABASE_URL"]


def _is_sqlite() -> bool:
    return server_url().startswith("sqlite")


@contextmanager
def _created(options: sql.Composable) -> Iterator[str]:
    name = f"own_{secrets.token_hex(4)}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), options))
        try:
            yield urlunsplit(urlsplit(server_url())._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
