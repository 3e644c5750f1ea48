"""Databases of the five backends, made as those make them: by SQLModel's ``create_all``, and for people of Better
Auth by the statements of its own migration.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import psycopg
from sqlalchemy import NullPool
from sqlmodel import Session, SQLModel, create_engine

from todo_project.importing.tests.backends import a, b, c, d, e

HERE: Final = Path(__file__).parent
MODULES: Final[dict[str, ModuleType]] = {"a": a, "b": b, "c": c, "d": d, "e": e}
# Whose people are Better Auth's.
OUTSIDE: Final = "be"


class Backend:
    """A database of one of them, which a test fills."""

    def __init__(self, letter: str, url: str, *, has_people: bool = False) -> None:
        """``has_people``: a real Better Auth has made its tables there."""
        self.letter, self.url, self.module = letter, url, MODULES[letter]
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        if letter in OUTSIDE and not has_people:
            self.run((HERE / f"better_auth.{self.dialect}.sql").read_text())
        self._engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=NullPool)
        self.module.Base.metadata.create_all(self._engine)

    def keep(self, *rows: SQLModel) -> None:
        """In the order in which they refer to each other."""
        with Session(self._engine) as session:
            for row in rows:
                session.add(row)
                session.flush()
            session.commit()

    def fill(self, password: str) -> str:
        """One person with two tasks, and a conversation where there is a chat; returns their id."""
        if self.letter in OUTSIDE:
            self.add("user", **self.module.PERSON)
            self.add("account", **self.module.ACCOUNT, password=password)
        self.keep(*self.module.rows(password))
        return str(self.module.USER_ID)

    def run(self, script: str) -> None:
        if self.dialect == "sqlite":
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file, file:
                file.executescript(script)
        else:
            with psycopg.connect(self.url) as connection:
                connection.execute(script)

    def add(self, table: str, **row: Any) -> None:
        """Past the models, also what they would not take."""
        names = ", ".join(f'"{name}"' for name in row)
        values = [json.dumps(value) if isinstance(value, list) else value for value in row.values()]
        if self.dialect == "sqlite":
            places = ", ".join("?" * len(row))
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file, file:
                file.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - a test's own
        else:
            places = ", ".join(["%s"] * len(row))
            with psycopg.connect(self.url) as connection:
                connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - as above
