"""UUIDs as text, numbers as the ids of all else, a chat whose calls are text."""

import json
from collections.abc import Iterator
from typing import Final

from pydantic import NaiveDatetime
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from todo_project.importing.tests.backends.times import AT, LATER, NAIVE_AT, NAIVE_LATER, Tasks


class Base(SQLModel, registry=registry()):
    """With tables of its own, as in a process of its own."""


class User(Base, table=True):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True, index=True)
    name: str
    password_hash: str | None = None
    role: str = "user"
    disabled: bool = False
    created_at: NaiveDatetime


class Task(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    is_completed: bool = False
    completed_at: NaiveDatetime | None = None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class Conversation(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class Message(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id", index=True)
    user_id: str
    role: str = Field(max_length=20)
    content: str
    tool_calls: str | None = None
    created_at: NaiveDatetime


USER_ID: Final = "7c1e2d3f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
NAME: Final = "Ada"
TASKS: Final[Tasks] = {
    "1": ("Buy milk", None, None, "medium", None, [], AT, AT),
    "2": ("Call", None, LATER, "medium", None, [], AT, LATER),
}
CALLS: Final = [{"id": "call_1", "type": "function", "function": {"name": "list_tasks", "arguments": "{}"}}]


def rows(password: str) -> Iterator[SQLModel]:
    yield User(id=USER_ID, email="ada@example.com", name=NAME, password_hash=password, created_at=NAIVE_AT)
    yield Task(user_id=USER_ID, title="Buy milk", created_at=NAIVE_AT, updated_at=NAIVE_AT)
    yield Task(
        user_id=USER_ID,
        title="Call",
        is_completed=True,
        completed_at=NAIVE_LATER,
        created_at=NAIVE_AT,
        updated_at=NAIVE_LATER,
    )
    yield Conversation(id=5, user_id=USER_ID, created_at=NAIVE_AT, updated_at=NAIVE_LATER)
    for role, calls in (("user", None), ("assistant", json.dumps(CALLS))):
        yield Message(
            conversation_id=5,
            user_id=USER_ID,
            role=role,
            content=f"by {role}",
            tool_calls=calls,
            created_at=NAIVE_AT,
        )
