"""Whose conversations there are. The chat stands beside the staff site, not below it, so settings name who knows."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings


class Talk(Protocol):
    """A conversation without its texts."""

    id: int
    title: str
    message_count: int
    created_at: datetime
    updated_at: datetime


class Said(Protocol):
    id: uuid.UUID
    conversation_id: int
    role: str
    content: str
    tool_calls: list[Any]
    created_at: datetime


class Conversations(Protocol):
    def count(self, user_id: str) -> int: ...

    def newest(self, user_id: str, *, limit: int | None, before: int | None = None) -> Iterable[Talk]: ...

    def find(self, user_id: str, conversation_id: int) -> Talk | None: ...

    def read(self, user_id: str, conversation_id: int) -> Iterable[Said]: ...


def conversations() -> Conversations:
    return cast(Conversations, import_module(settings.CONVERSATIONS))
