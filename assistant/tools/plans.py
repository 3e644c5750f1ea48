"""What a turn would change. Nothing is written before the turn's end; until then it can be rehearsed."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from django.db import transaction

from core.deleted_owners import stored_for
from core.errors import DomainError
from core.times import format_timestamp, parse_timestamp
from tasks import services
from tasks.acts import BY_CHAT, Act
from tasks.models import Task
from tasks.serializers import read_changes, read_draft

# More existing tasks than these are not changed in one turn without the person's yes.
MAX_UNASKED: Final = 5
VERBS: Final = {
    "add_task": ("add", "added"),
    "complete_task": ("complete", "completed"),
    "reopen_task": ("reopen", "reopened"),
    "update_task": ("change", "changed"),
    "delete_task": ("delete", "deleted"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change, frozen: ``fields`` in the form of a request's body, the task's version when proposed."""

    tool: str
    task_id: uuid.UUID
    title: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    # Of a task to be made.
    created_at: datetime | None = None
    # The person's own message says so: this task deleted, a task of this title added.
    is_named: bool = False

    def run(self, user_id: str, *, strictly: bool = False, act: Act = BY_CHAT) -> Task | None:
        """The task as it is then, None after its deletion.

        Raises ``NotFound``; and ``PreconditionFailed`` if it is at another version and is to be deleted,
        or anything at all is to be done ``strictly`` as proposed.
        """
        if self.created_at:
            return services.create_task(
                user_id, task_id=self.task_id, created_at=self.created_at, act=act, **read_draft(self.fields)
            )
        if self.tool == "delete_task":
            services.delete_task(user_id, self.task_id, versions=[self.version], act=act)
            return None
        versions = [self.version] if strictly else None
        return services.edit_task(user_id, self.task_id, read_changes(self.fields), versions=versions, act=act)

    def freeze(self) -> dict[str, Any]:
        return {
            "tool": self.tool,
            "task_id": str(self.task_id),
            "title": self.title,
            "fields": dict(self.fields),
            "version": self.version,
            "created_at": self.created_at and format_timestamp(self.created_at),
        }

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> Self:
        created_at = frozen["created_at"] and parse_timestamp(frozen["created_at"])
        return cls(**{**frozen, "task_id": uuid.UUID(frozen["task_id"]), "created_at": created_at})


# With the task it is to be made to, where there is one already.
Proposal = tuple[Change, Task | None]


class Plan:
    """The changes of one turn, in their order."""

    def __init__(self, user_id: str, *, may_change: bool) -> None:
        """``may_change``: False where the person asked for nothing but a look."""
        self._user_id = user_id
        self.may_change = may_change
        self.changes: list[Change] = []

    @contextmanager
    def rehearsed(self) -> Iterator[None]:
        """The database as it will be when all this has been done. What is done inside is undone after it."""
        if not self.changes:
            yield
            return
        with _undone(self._user_id):
            self._rehearse()
            yield

    def add(self, propose: Callable[[], Proposal], find: Callable[[], Task] | None = None) -> Proposal:
        """Takes over the change that ``propose`` makes, and returns it with the task as it will be, or as it
        was before its deletion. ``find`` looks for the one that it is made to. Raises what both raise, but for
        a task that ``find`` does not find: it may be there only when all this has been done.
        """
        found = _ids_found(find) if find and self.changes else set()
        with _undone(self._user_id):
            self._rehearse(found)
            change, before = propose()
            after = change.run(self._user_id)
        self.changes.append(change)
        return change, after or before

    def _rehearse(self, others: Set[uuid.UUID] = frozenset()) -> None:
        """With ``others`` held too: two turns that took the same tasks one by one would wait for each other."""
        hold_tasks(self.changes, self._user_id, others)
        for change in self.changes:
            attempt(change, self._user_id)

    def held(self) -> list[Change]:
        """Those that need the person's yes.

        A deletion that the person's own message does not name; and everything but what it lists, where
        it would come to more than ``MAX_UNASKED`` tasks or the message only asks to see some.
        """
        if not self.may_change:
            return list(self.changes)
        unlisted = [change for change in self.changes if not (change.created_at and change.is_named)]
        if len({change.task_id for change in unlisted}) > MAX_UNASKED:
            return unlisted
        return [change for change in self.changes if change.tool == "delete_task" and not change.is_named]


def hold_tasks(changes: Iterable[Change], user_id: str, others: Set[uuid.UUID] = frozenset()) -> None:
    """Locks what they change, until the end of the transaction, in the order in which everybody does."""
    task_ids = {change.task_id for change in changes if not change.created_at} | others
    # One needs no order.
    if len(task_ids) > 1:
        services.lock_tasks(user_id, task_ids)


def _ids_found(find: Callable[[], Task]) -> set[uuid.UUID]:
    try:
        return {find().id}
    except DomainError:
        return set()


def attempt(change: Change, user_id: str, *, strictly: bool = False, act: Act = BY_CHAT) -> Task | DomainError | None:
    """As ``Change.run``, but for its errors, which are returned."""
    try:
        return change.run(user_id, strictly=strictly, act=act)
    except DomainError as error:
        return error


@contextmanager
def _undone(user_id: str) -> Iterator[None]:
    # Citus asks for the owner of each row at once, not at the end that this has none of.
    with stored_for(user_id), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def summarize(changes: Sequence[Change], *, is_done: bool = False) -> str:
    """``complete "b", "c"; delete "a"``, or ``completed ...``: all of them, a yes to what was not told is none."""
    parts = []
    for tool, verbs in VERBS.items():
        told = [f"\u201c{change.title}\u201d{_details(change)}" for change in changes if change.tool == tool]
        if told:
            parts.append(f"{verbs[is_done]} {', '.join(told)}")
    return "; ".join(parts)


def _details(change: Change) -> str:
    """What an update sets: ``(priority: high; no due at)``."""
    if change.tool != "update_task":
        return ""
    told = (_detail(name.replace("_", " "), value) for name, value in change.fields.items())
    return f" ({'; '.join(told)})"


def _detail(name: str, value: Any) -> str:
    if value is None or value == []:
        return f"no {name}"
    return f"{name}: {', '.join(value) if isinstance(value, list) else value}"
