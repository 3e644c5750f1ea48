"""Numbers as ids, enums by the names of their members, JSON, times without a zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from pydantic import NaiveDatetime
from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from todo_project.importing.tests.backends.times import AT, LATER, NAIVE_AT, NAIVE_LATER, Tasks


class Base(SQLModel, registry=registry()):
    """With tables of its own, as in a process of its own."""


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Status(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class User(Base, table=True):
    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    hashed_password: str
    full_name: str | None = None
    is_active: bool = True
    is_superuser: bool = False
    created_at: NaiveDatetime


class Task(Base, table=True):
    __tablename__ = "tasks"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    title: str = Field(max_length=200)
    description: str | None = None
    status: Status = Field(default=Status.PENDING)
    priority: Priority = Field(default=Priority.MEDIUM)
    due_date: date | None = None
    tags: list[str] | None = Field(default=None, sa_column=Column(JSON))
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


USER_ID: Final = 7
NAME: Final = "Ada Lovelace"
TASKS: Final[Tasks] = {
    "1": ("Buy milk", None, None, "high", datetime(2025, 4, 1, tzinfo=UTC), ["Home", "two-words"], AT, AT),
    "2": ("Call", "about\nher", LATER, "low", None, [], LATER, LATER),
}


def rows(password: str) -> Iterator[SQLModel]:
    yield User(id=7, email="Ada@Example.com", hashed_password=password, full_name=NAME, created_at=NAIVE_AT)
    yield Task(
        user_id=7,
        title="Buy milk",
        priority=Priority.URGENT,
        due_date=date(2025, 4, 1),
        tags=["Home", "two words"],
        created_at=NAIVE_AT,
        updated_at=NAIVE_AT,
    )
    yield Task(
        user_id=7,
        title=" Call ",
        description="about\nher",
        status=Status.COMPLETED,
        priority=Priority.LOW,
        created_at=NAIVE_LATER,
        updated_at=NAIVE_LATER,
    )
