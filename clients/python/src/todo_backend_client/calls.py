"""What is said to the service, whoever sends it and waits."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast
from urllib.parse import quote

import httpx2

from .schema import ChatEvent, Priority, Task, TaskOrdering


class Filters(TypedDict, total=False):
    limit: int
    completed: bool
    status: Literal["all", "active", "pending", "completed"]
    priority: Priority
    tag: Sequence[str]
    due_after: str
    due_before: str
    updated_since: str
    search: str
    ordering: TaskOrdering


def once(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or new_idempotency_key()}


def new_idempotency_key() -> str:
    """Keep it with what is sent, to send both again after a crash."""
    return str(uuid.uuid4())


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def path_of(task_id: str) -> str:
    return f"/api/tasks/{quote(task_id, safe='')}"


class Versions:
    """The ETag of each task at its last single read or change here; lists have none."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def see(self, response: httpx2.Response) -> Task:
        task = cast("Task", response.json())
        if etag := response.headers.get("ETag"):
            self._known[task["id"]] = etag
        return task

    def of(self, task_id: str) -> str | None:
        return self._known.get(task_id)

    def forget(self, task_id: str) -> None:
        self._known.pop(task_id, None)

    def condition(self, task_id: str, if_match: Literal[True] | str | None) -> dict[str, str]:
        version = self.of(task_id) if if_match is True else if_match
        if if_match is True and version is None:
            raise ValueError("This task was not read yet: get() it first.")
        return {"If-Match": version} if version is not None else {}


def as_event(event: httpx2.ServerSentEvent) -> ChatEvent:
    return cast("ChatEvent", {"event": event.event, "data": json.loads(event.data)})
