"""Better Auth's people, numbers as ids, a chat whose roles are an enum and whose calls are JSON."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import NaiveDatetime
from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from todo_project.importing.tests.backends.times import AT, LATER, NAIVE_AT, NAIVE_LATER, Tasks


class Base(SQLModel, registry=registry()):
    """With tables of its own, as in a process of its own."""


class Priority(StrEnum):
    low = "low"
    medium = "medium"
    high = "high"


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


class Task(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    # Of a table that another program makes.
    user_id: str = Field(index=True)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    completed: bool = False
    priority: Priority = Priority.medium
    due_date: NaiveDatetime | None = None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class Conversation(Base, table=True):
    id: UUID = Field(primary_key=True)
    user_id: str = Field(index=True)
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class Message(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    user_id: str
    role: Role
    content: str
    tool_calls: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON))
    created_at: NaiveDatetime


USER_ID: Final = "9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dSa"
NAME: Final = "Ada"
PERSON: Final = {
    "id": USER_ID,
    "name": NAME,
    "email": "ada@example.com",
    "emailVerified": True,
    "createdAt": AT.isoformat(),
    "updatedAt": AT.isoformat(),
}
ACCOUNT: Final = {
    "id": "aYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dSa9",
    "accountId": USER_ID,
    "providerId": "credential",
    "userId": USER_ID,
    "createdAt": AT.isoformat(),
    "updatedAt": AT.isoformat(),
}
TASKS: Final[Tasks] = {
    "1": ("Task 1", None, None, "high", datetime.fromisoformat("2025-04-01T09:30Z"), [], AT, LATER),
    "2": ("Task 2", None, LATER, "medium", None, [], AT, LATER),
}
TALK: Final = UUID("2e0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01")


def rows(password: str) -> Iterator[SQLModel]:
    yield Task(
        user_id=USER_ID,
        title="Task 1",
        priority=Priority.high,
        due_date=datetime(2025, 4, 1, 9, 30),  # noqa: DTZ001 - as that backend has it
        created_at=NAIVE_AT,
        updated_at=NAIVE_LATER,
    )
    yield Task(user_id=USER_ID, title="Task 2", completed=True, created_at=NAIVE_AT, updated_at=NAIVE_LATER)
    yield Conversation(id=TALK, user_id=USER_ID, created_at=NAIVE_AT, updated_at=NAIVE_LATER)
    for role, calls in (
        (Role.SYSTEM, None),
        (Role.USER, None),
        (Role.TOOL, None),
        (Role.ASSISTANT, [{"tool": "add_task", "arguments": {"title": "Task 1"}, "result": {"task_id": 1}}]),
    ):
        # Of one instant, as a backend writes them that stores a turn at once.
        yield Message(
            conversation_id=TALK,
            user_id=USER_ID,
            role=role,
            content=f"by {role.value}",
            tool_calls=calls,
            created_at=NAIVE_AT,
        )
