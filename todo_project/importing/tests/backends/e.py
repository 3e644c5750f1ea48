"""Better Auth's people, UUIDs, times with a zone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from todo_project.importing.tests.backends import b
from todo_project.importing.tests.backends.times import AT, LATER, Tasks


class Base(SQLModel, registry=registry()):
    """With tables of its own, as in a process of its own."""


class Task(Base, table=True):
    __tablename__ = "tasks"

    id: UUID = Field(primary_key=True)
    user_id: str = Field(max_length=255, index=True)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    completed: bool = False
    due_date: datetime | None = None
    created_at: datetime
    updated_at: datetime


USER_ID: Final = b.USER_ID
NAME: Final = b.NAME
PERSON: Final = b.PERSON
ACCOUNT: Final = b.ACCOUNT
MILK: Final = UUID("1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e01")
DONE: Final = UUID("1d0c7b52-4f0e-4c6f-9d1a-3f2b8c7d6e02")
TASKS: Final[Tasks] = {
    str(MILK): ("Buy milk", None, None, "medium", LATER, [], AT, LATER),
    str(DONE): ("Buy milk", None, LATER, "medium", None, [], AT, LATER),
}


def rows(password: str) -> Iterator[SQLModel]:
    yield Task(id=MILK, user_id=USER_ID, title="Buy milk", due_date=LATER, created_at=AT, updated_at=LATER)
    yield Task(id=DONE, user_id=USER_ID, title="Buy milk", completed=True, created_at=AT, updated_at=LATER)
