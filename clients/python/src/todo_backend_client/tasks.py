"""The caller's tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Unpack, cast

from .calls import Filters, Versions, once, path_of
from .schema import OperationRequest, PatchedTaskRequest, Result, Task, TaskRequest

if TYPE_CHECKING:
    from .client import Client

IfMatch = Literal[True] | str | None


class Tasks:
    """``if_match``: only if it is as it was last read here (``True``), or at a version kept from ``version_of``."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._versions = Versions()

    def each(self, **filters: Unpack[Filters]) -> Iterator[Task]:
        """All that the filters find, page by page."""
        yield from self._client.each("/api/tasks", {"limit": 100, **filters})

    def create(self, draft: TaskRequest, *, idempotency_key: str | None = None) -> Task:
        """A key is given where the same is sent again later; otherwise each call has its own."""
        headers = once(idempotency_key)
        return self._versions.see(self._client.request("POST", "/api/tasks", json=draft, headers=headers))

    def get(self, task_id: str) -> Task:
        return self._versions.see(self._client.request("GET", path_of(task_id)))

    def update(self, task_id: str, changes: PatchedTaskRequest, *, if_match: IfMatch = None) -> Task:
        """What is left out stays; None clears."""
        return self._change(task_id, "", changes, if_match)

    def complete(self, task_id: str, completed: bool = True, *, if_match: IfMatch = None) -> Task:
        return self._change(task_id, "/complete", {"completed": completed}, if_match)

    def toggle(self, task_id: str, *, if_match: IfMatch = None) -> Task:
        return self._change(task_id, "/toggle", None, if_match)

    def remove(self, task_id: str, *, if_match: IfMatch = None) -> None:
        headers = self._versions.condition(task_id, if_match)
        self._client.request("DELETE", path_of(task_id), headers=headers)
        self._versions.forget(task_id)

    def bulk(
        self, operations: Sequence[OperationRequest], *, atomic: bool = True, idempotency_key: str | None = None
    ) -> list[Result]:
        """Many changes at once; ``atomic``: all of them or none."""
        body = {"operations": operations, "atomic": atomic}
        response = self._client.request("POST", "/api/tasks/bulk", json=body, headers=once(idempotency_key))
        return cast("list[Result]", response.json()["results"])

    def version_of(self, task_id: str) -> str | None:
        """Keep it with a form that is open long."""
        return self._versions.of(task_id)

    def _change(self, task_id: str, action: str, body: object, if_match: IfMatch) -> Task:
        headers = self._versions.condition(task_id, if_match)
        path = path_of(task_id) + action
        return self._versions.see(self._client.request("PATCH", path, json=body, headers=headers))
