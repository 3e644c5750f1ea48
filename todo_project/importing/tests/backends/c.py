"""UUIDs, times with a zone, a role that is an enum, a chat; arrays where the database has them."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from todo_project.importing.tests.backends.times import AT, LATER, Tasks

ZONED: Final[Any] = DateTime(timezone=True)


class Base(SQLModel, registry=registry()):
    """With tables of its own, as in a process of its own."""


class UserRole(StrEnum):
    ADMIN = "admin"
    USER = "user"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class User(Base, table=True):
    __tablename__ = "users"

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True, max_length=255)
    name: str | None = Field(default=None, max_length=255)
    password_hash: str
    role: UserRole = UserRole.USER
    is_active: bool = True
    email_verified: bool = False
    created_at: datetime = Field(sa_type=ZONED)


class Task(Base, table=True):
    __tablename__ = "tasks"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    completed: bool = False
    priority: Priority | None = None
    tags: list[str] = Field(sa_column=Column(ARRAY(String).with_variant(JSON(), "sqlite"), nullable=False))
    created_at: datetime = Field(sa_type=ZONED)
    updated_at: datetime = Field(sa_type=ZONED)


class Conversation(Base, table=True):
    __tablename__ = "conversations"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="users.id")
    title: str | None = None
    created_at: datetime = Field(sa_type=ZONED)
    updated_at: datetime = Field(sa_type=ZONED)


class Message(Base, table=True):
    __tablename__ = "messages"

    id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversations.id")
    role: str
    content: str
    created_at: datetime = Field(sa_type=ZONED)


USER_ID: Final = UUID("0b9f7a52-4f0e-4c6f-9d1a-3f2b8c7d6e5f")
NAME: Final = "Ada"
MILK: Final = UUID("1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01")
DONE: Final = UUID("1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e02")
TALK: Final = UUID("2e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01")
# The answer's id sorts before the question's.
MESSAGES: Final = {
    "user": UUID("3f0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e02"),
    "assistant": UUID("3e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e03"),
}
TASKS: Final[Tasks] = {
    str(MILK): ("Buy milk", None, None, "medium", None, ["a", "b"], AT, LATER),
    str(DONE): ("Buy milk", "or not", LATER, "high", None, [], AT, LATER),
}


def rows(password: str) -> Iterator[SQLModel]:
    yield User(id=USER_ID, email="ada@example.com", name=NAME, password_hash=password, created_at=AT)
    yield Task(id=MILK, user_id=USER_ID, title="Buy milk", tags=["a", "b"], created_at=AT, updated_at=LATER)
    yield Task(
        id=DONE,
        user_id=USER_ID,
        title="Buy milk",
        description="or not",
        completed=True,
        priority=Priority.HIGH,
        tags=[],
        created_at=AT,
        updated_at=LATER,
    )
    yield Conversation(id=TALK, user_id=USER_ID, created_at=AT, updated_at=LATER)
    for (role, message_id), at in zip(MESSAGES.items(), (AT, LATER), strict=True):
        yield Message(id=message_id, conversation_id=TALK, role=role, content=f"by {role}", created_at=at)
