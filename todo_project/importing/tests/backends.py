"""Databases as the five backends make them: what SQLModel's ``create_all`` and Better Auth's migration write."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

import psycopg

UUIDS: Final = ("0b9f7a52-4f0e-4c6f-9d1a-3f2b8c7d6e5f", "7c1e2d3f-5a6b-4c7d-8e9f-0a1b2c3d4e5f")
BETTER_AUTH_ID: Final = "9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dSa"

# SQLAlchemy's kinds, by dialect.
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "serial": "INTEGER",
        "uuid": "CHAR(32)",
        "json": "JSON",
        "words": "JSON",
        "zoned": "DATETIME",
        "time": "DATETIME",
    },
    "postgresql": {
        "serial": "SERIAL",
        "uuid": "UUID",
        "json": "JSON",
        "words": "VARCHAR[]",
        "zoned": "TIMESTAMP WITH TIME ZONE",
        "time": "TIMESTAMP WITHOUT TIME ZONE",
    },
}
BETTER_AUTH: Final = """
    CREATE TABLE "user" ("id" text NOT NULL PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL UNIQUE,
        "emailVerified" BOOLEAN NOT NULL, "image" text, "createdAt" {zoned} NOT NULL, "updatedAt" {zoned} NOT NULL,
        "role" text, "banned" BOOLEAN);
"""
SCHEMAS: Final[Mapping[str, str]] = {
    "a": """
        CREATE TABLE users (id {serial} NOT NULL, email VARCHAR NOT NULL, hashed_password VARCHAR NOT NULL,
            created_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE tasks (id {serial} NOT NULL, user_id INTEGER NOT NULL, title VARCHAR(200) NOT NULL,
            description VARCHAR, status VARCHAR NOT NULL, priority VARCHAR NOT NULL, due_date DATE, tags {json},
            created_at {time} NOT NULL, updated_at {time} NOT NULL, PRIMARY KEY (id));
    """,
    "b": BETTER_AUTH
    + """
        CREATE TABLE task (id {serial} NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL,
            description VARCHAR, completed BOOLEAN NOT NULL, priority VARCHAR NOT NULL, due_date {time},
            created_at {time} NOT NULL, updated_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE conversation (id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, created_at {time} NOT NULL,
            updated_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE message (id {serial} NOT NULL, conversation_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL,
            role VARCHAR NOT NULL, content VARCHAR NOT NULL, created_at {time} NOT NULL, PRIMARY KEY (id));
    """,
    "c": """
        CREATE TABLE users (id {uuid} NOT NULL, email VARCHAR(255) NOT NULL, name VARCHAR(255),
            password_hash VARCHAR NOT NULL, is_active BOOLEAN NOT NULL, created_at {zoned} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE tasks (id {uuid} NOT NULL, user_id {uuid} NOT NULL, title VARCHAR(200) NOT NULL,
            description VARCHAR(1000), completed BOOLEAN NOT NULL, priority VARCHAR(6), tags {words},
            created_at {zoned} NOT NULL, updated_at {zoned} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE conversations (id {uuid} NOT NULL, user_id {uuid} NOT NULL, title VARCHAR,
            created_at {zoned} NOT NULL, updated_at {zoned} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE messages (id {uuid} NOT NULL, conversation_id {uuid} NOT NULL, role VARCHAR NOT NULL,
            content TEXT NOT NULL, created_at {zoned} NOT NULL, PRIMARY KEY (id));
    """,
    "d": """
        CREATE TABLE "user" (id VARCHAR NOT NULL, email VARCHAR NOT NULL, name VARCHAR NOT NULL,
            password_hash VARCHAR NOT NULL, created_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE task (id {serial} NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL,
            description VARCHAR(1000), is_completed BOOLEAN NOT NULL, completed_at {time}, created_at {time} NOT NULL,
            updated_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE conversation (id {serial} NOT NULL, user_id VARCHAR NOT NULL, created_at {time} NOT NULL,
            updated_at {time} NOT NULL, PRIMARY KEY (id));
        CREATE TABLE message (id {serial} NOT NULL, conversation_id INTEGER NOT NULL, user_id VARCHAR NOT NULL,
            role VARCHAR NOT NULL, content VARCHAR NOT NULL, created_at {time} NOT NULL, PRIMARY KEY (id));
    """,
    "e": BETTER_AUTH
    + """
        CREATE TABLE tasks (id {uuid} NOT NULL, user_id VARCHAR(255) NOT NULL, title VARCHAR(200) NOT NULL,
            description VARCHAR(1000), completed BOOLEAN NOT NULL, due_date {zoned}, created_at {zoned} NOT NULL,
            updated_at {zoned} NOT NULL, PRIMARY KEY (id));
    """,
}


class Backend:
    """A database of one of them, which a test fills."""

    def __init__(self, letter: str, url: str) -> None:
        self.letter, self.url = letter, url
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.run(SCHEMAS[letter].format(**KINDS[self.dialect]))

    def run(self, script: str) -> None:
        if self.dialect == "sqlite":
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file, file:
                file.executescript(script)
        else:
            with psycopg.connect(self.url) as connection:
                connection.execute(script)

    def add(self, table: str, **row: Any) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        values = [self._written(value) for value in row.values()]
        if self.dialect == "sqlite":
            places = ", ".join("?" * len(row))
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file, file:
                file.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - a test's own
        else:
            places = ", ".join(["%s"] * len(row))
            with psycopg.connect(self.url) as connection:
                connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - as above

    def _written(self, value: Any) -> Any:
        if isinstance(value, list):
            return value if self.dialect == "postgresql" and self.letter == "c" else json.dumps(value)
        is_uuid = self.dialect == "sqlite" and isinstance(value, str) and value in HEX
        return HEX[value] if is_uuid and self.letter in "ce" else value


# As SQLAlchemy writes them into CHAR(32).
def _hex(ids: Sequence[str]) -> dict[str, str]:
    return {text: text.replace("-", "") for text in ids}


TASK_UUIDS: Final = ("1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01", "1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e02")
TALK_UUIDS: Final = (
    "2e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01",
    "3e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e02",
    "3e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e03",
)
HEX: Final = _hex([*UUIDS, *TASK_UUIDS, *TALK_UUIDS])
AT: Final = "2025-03-04 05:06:07.123456"
LATER: Final = "2025-03-05 05:06:07.000000"


def fill(backend: Backend, password: str) -> str:
    """One person with two tasks, and a conversation where there is a chat; returns their id."""
    return {"a": _a, "b": _b, "c": _c, "d": _d, "e": _e}[backend.letter](backend, password)


def _a(backend: Backend, password: str) -> str:
    backend.add("users", id=7, email="Ada@Example.com", hashed_password=password, created_at=AT)
    backend.add("tasks", id=1, user_id=7, title="Buy milk", status="pending", priority="urgent", due_date="2025-04-01",
        tags=["Home", "two words"], created_at=AT, updated_at=AT)  # fmt: skip
    backend.add(
        "tasks", id=2, user_id=7, title=" Call ", status="completed", priority="LOW", created_at=LATER, updated_at=LATER
    )
    return "7"


def _b(backend: Backend, password: str) -> str:
    backend.add(
        "user", id=BETTER_AUTH_ID, name="Ada", email="ada@example.com", emailVerified=True, createdAt=AT, updatedAt=AT
    )
    for number, done in ((1, False), (2, True)):
        backend.add("task", id=number, user_id=BETTER_AUTH_ID, title=f"Task {number}", completed=done, priority="high",
            created_at=AT, updated_at=LATER)  # fmt: skip
    _talk(backend, "conversation", "message", BETTER_AUTH_ID, "thr_1", (1, 2), is_owned=True)
    return BETTER_AUTH_ID


def _c(backend: Backend, password: str) -> str:
    backend.add(
        "users", id=UUIDS[0], email="ada@example.com", name="Ada", password_hash=password, is_active=True, created_at=AT
    )
    for task_id, done in zip(TASK_UUIDS, (False, True), strict=True):
        backend.add("tasks", id=task_id, user_id=UUIDS[0], title="Buy milk", completed=done, priority="MEDIUM",
            tags=["a", "b"], created_at=AT, updated_at=LATER)  # fmt: skip
    _talk(backend, "conversations", "messages", UUIDS[0], TALK_UUIDS[0], TALK_UUIDS[1:], is_owned=False)
    return UUIDS[0]


def _d(backend: Backend, password: str) -> str:
    backend.add("user", id=UUIDS[1], email="ada@example.com", name="Ada", password_hash=password, created_at=AT)
    backend.add("task", id=1, user_id=UUIDS[1], title="Buy milk", is_completed=False, created_at=AT, updated_at=AT)
    backend.add(
        "task",
        id=2,
        user_id=UUIDS[1],
        title="Call",
        is_completed=True,
        completed_at=LATER,
        created_at=AT,
        updated_at=LATER,
    )
    _talk(backend, "conversation", "message", UUIDS[1], 5, (1, 2), is_owned=True)
    return UUIDS[1]


def _e(backend: Backend, password: str) -> str:
    backend.add(
        "user", id=BETTER_AUTH_ID, name="Ada", email="ada@example.com", emailVerified=True, createdAt=AT, updatedAt=AT
    )
    for task_id, done in zip(TASK_UUIDS, (False, True), strict=True):
        backend.add("tasks", id=task_id, user_id=BETTER_AUTH_ID, title="Buy milk", completed=done, due_date=LATER,
            created_at=AT, updated_at=LATER)  # fmt: skip
    return BETTER_AUTH_ID


def _talk(
    backend: Backend, talks: str, messages: str, owner: str, talk_id: Any, ids: Sequence[Any], *, is_owned: bool
) -> None:
    backend.add(talks, id=talk_id, user_id=owner, created_at=AT, updated_at=LATER)
    owned = {"user_id": owner} if is_owned else {}
    for message_id, role in zip(ids, ("user", "assistant"), strict=True):
        # Of one instant, as a backend writes them that stores a turn at once.
        backend.add(
            messages, id=message_id, conversation_id=talk_id, role=role, content=f"by {role}", created_at=AT, **owned
        )
