"""Many changes as one: one statement of each kind, however many operations there are."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from core.deleted_owners import stored_for
from tasks import services
from tasks.acts import BY_BULK, Act
from tasks.entries import Span, spanning
from tasks.models import Task
from tasks.services import create_tasks, create_what_fits, remove_tasks

MAX_OPERATIONS: Final = 100
CREATE: Final = "create"
DELETE: Final = "delete"

# The task as it is now, None after its deletion, or why nothing was done.
Outcome = Task | Exception | None


@dataclass(frozen=True, slots=True)
class Operation:
    """``fields`` are the values to create or change; ``fault`` is what is wrong with the operation itself."""

    op: str
    task_id: uuid.UUID | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    fault: Exception | None = None


class NothingDone(Exception):
    """Nothing was done: some of the outcomes are errors."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        super().__init__("Some operations cannot be done.")
        self.outcomes = outcomes


def run(
    user_id: str, operations: Sequence[Operation], *, is_atomic: bool, act: Act = BY_BULK
) -> tuple[list[Outcome], Span]:
    """Outcomes in the order of the operations, of which no two may name the same task, and the numbers of the changes;
    none where they are for good.

    Raises ``NothingDone`` if ``is_atomic`` and any of them cannot be done, ``QuotaExceeded`` if it is and there is no
    room for all that it makes, and as ``stored_for`` does.
    """
    with stored_for(user_id), transaction.atomic(), spanning(user_id) as span:
        known = services.lock_tasks(user_id, [operation.task_id for operation in operations if operation.task_id])
        obstacles = [_obstacle(operation, known) for operation in operations]
        if is_atomic and any(obstacles):
            raise NothingDone(obstacles)
        feasible = [operation for operation, obstacle in zip(operations, obstacles, strict=True) if not obstacle]
        done = _write(user_id, feasible, create_tasks if is_atomic else create_what_fits, act)
        outcomes = [obstacle or next(done) for obstacle in obstacles]
    is_for_good = not settings.TRASH_DAYS and any(operation.op == DELETE for operation in feasible)
    return outcomes, Span() if is_for_good else span


def _obstacle(operation: Operation, known: set[uuid.UUID]) -> Exception | None:
    if operation.task_id and operation.task_id not in known:
        return services.task_not_found()
    return operation.fault


def _write(
    user_id: str,
    operations: Sequence[Operation],
    create: Callable[[str, Sequence[Mapping[str, Any]], Act], Sequence[Outcome]],
    act: Act,
) -> Iterator[Outcome]:
    drafts = [operation.fields for operation in operations if operation.op == CREATE]
    named = {operation.task_id: operation for operation in operations if operation.task_id}
    doomed = [task_id for task_id, operation in named.items() if operation.op == DELETE]
    edits = {task_id: operation.fields for task_id, operation in named.items() if operation.op != DELETE}
    if doomed:
        # First, for the room they leave.
        remove_tasks(user_id, doomed, act=act)
    created = iter(create(user_id, drafts, act) if drafts else ())
    edited = services.edit_tasks(user_id, edits, act=act) if edits else {}
    return (edited.get(operation.task_id) if operation.task_id else next(created) for operation in operations)
