"""Somebody's tasks on a device that is often offline, as a client may keep them.

What is done here shows at once and waits in an outbox. ``sync`` sends the outbox, each parcel under an Idempotency-Key
until it is answered, and then reads what has changed there; where so much is not known any more, the list again.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from testing.converge.line import Broken, Line

Task = dict[str, Any]
# Small, so that there are many pages.
PAGE: Final = 40
PARCEL: Final = 8


@dataclass(slots=True)
class Change:
    """Of one task. ``task_id`` of one made here is the name that it had until the service gave it an id."""

    op: str
    task_id: str
    data: Task = field(default_factory=dict)
    # Whether the service did it, once it has answered; a task that is gone cannot be changed.
    was_done: bool | None = None


@dataclass(slots=True)
class Parcel:
    """Sent as it is, until it is answered."""

    key: str
    path: str
    body: Any
    changes: list[Change]


class Replica:
    def __init__(self, line: Line, user_id: str, chance: random.Random) -> None:
        self._line, self._chance = line, chance
        self._path = f"/api/{user_id}"
        # As the service had them at ``version``; None: nothing is known yet.
        self.base: dict[str, Task] = {}
        self.version: int | None = None
        self.outbox: list[Change] = []
        # What names of ours have become.
        self._ids: dict[str, str] = {}
        self.lists_read = 0

    # --- Here -------------------------------------------------------------------------------------

    def tasks(self) -> Mapping[str, Task]:
        """As they look here."""
        shown = dict(self.base)
        for change in self.outbox:
            task_id = self._id(change.task_id)
            if change.op == "delete":
                shown.pop(task_id, None)
            elif change.op == "create" or task_id in shown:
                shown[task_id] = {**shown.get(task_id, {}), **change.data}
        return shown

    def add(self, data: Task) -> Change:
        return self._do(Change("create", f"here-{self._new_key()}", data))

    def edit(self, task_id: str, data: Task) -> Change:
        return self._do(Change("update", task_id, data))

    def remove(self, task_id: str) -> Change:
        return self._do(Change("delete", task_id))

    def forget(self) -> None:
        """As with a number from a backup of the service: it is none of these, or far too old."""
        self.version = self._chance.choice([None, 10**9])

    # --- There ------------------------------------------------------------------------------------

    def sync(self) -> None:
        self.push()
        self.pull()

    def push(self) -> None:
        while self.outbox:
            parcel = self._pack()
            status, answer = self._line.ask("POST", self._path + parcel.path, parcel.body, parcel.key)
            self._settle(parcel, status, answer)
            del self.outbox[: len(parcel.changes)]

    def pull(self) -> None:
        if self.version is None:
            self._read_list()
        while True:
            query = f"since={self.version}&limit={PAGE}"
            status, page = self._line.ask("GET", f"{self._path}/changes?{query}")
            if status == HTTPStatus.GONE:
                self._read_list()
                continue
            _expect(HTTPStatus.OK, status, page)
            self._apply(page)
            if not page["meta"]["more"]:
                return

    def read_all(self) -> tuple[dict[str, Task], int]:
        """The service's list, page by page, and the number of its first page."""
        found: dict[str, Task] = {}
        version: int | None = None
        cursor: str | None = ""
        while cursor is not None:
            path = f"{self._path}/tasks?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
            status, page = self._line.ask("GET", path)
            _expect(HTTPStatus.OK, status, page)
            version = page["meta"]["version"] if version is None else version
            found |= {task["id"]: task for task in page["data"]}
            cursor = page["meta"]["next_cursor"]
        return found, int(version or 0)

    # --- The outbox -------------------------------------------------------------------------------

    def _pack(self) -> Parcel:
        first = self.outbox[0]
        if first.op == "create" and self._chance.random() < 0.5:
            return Parcel(self._new_key(), "/tasks", first.data, [first])
        changes = [*self._distinct()]
        operations = [self._operation(change) for change in changes]
        return Parcel(self._new_key(), "/tasks/bulk", {"operations": operations, "atomic": False}, changes)

    def _distinct(self) -> Iterator[Change]:
        """From the front, up to the first whose task is among them or has no id there yet."""
        seen: set[str] = set()
        for change in self.outbox[:PARCEL]:
            task_id = self._id(change.task_id)
            if task_id in seen:
                return
            seen.add(task_id)
            yield change

    def _operation(self, change: Change) -> dict[str, Any]:
        if change.op == "create":
            return {"op": "create", "data": change.data}
        operation = {"op": change.op, "id": self._id(change.task_id)}
        return operation if change.op == "delete" else {**operation, "data": change.data}

    def _settle(self, parcel: Parcel, status: int, answer: Any) -> None:
        if parcel.path == "/tasks":
            _expect(HTTPStatus.CREATED, status, answer)
            results = [{"status": status, "task": answer}]
        else:
            _expect(HTTPStatus.OK, status, answer)
            results = answer["results"]
        for change, result in zip(parcel.changes, results, strict=True):
            if result["status"] not in (200, 201, 204, 404):
                raise Broken(f"{change}: {result}")
            change.was_done = result["status"] != HTTPStatus.NOT_FOUND
            if change.op == "create":
                self._ids[change.task_id] = result["task"]["id"]

    def _do(self, change: Change) -> Change:
        self.outbox.append(change)
        return change

    def _id(self, name: str) -> str:
        return self._ids.get(name, name)

    def _new_key(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    # --- What comes -------------------------------------------------------------------------------

    def _read_list(self) -> None:
        self.lists_read += 1
        self.base, self.version = self.read_all()

    def _apply(self, page: Any) -> None:
        numbers = [change["version"] for change in page["data"]]
        if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= (self.version or 0)):
            raise Broken(f"Changes since {self.version} out of order: {numbers}")
        for change in page["data"]:
            if change["task"] is None:
                self.base.pop(change["id"], None)
            else:
                self.base[change["id"]] = change["task"]
        self.version = page["meta"]["next"]


def _expect(wanted: int, status: int, answer: Any) -> None:
    if status != wanted:
        raise Broken(f"{status} for {wanted}: {answer}")
