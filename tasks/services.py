"""Every change to a task, one or many: each is one conditional statement that names the owner and the
ids, so two at once cannot overwrite what they did not see.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core import quotas
from core.deleted_owners import stored_for
from core.errors import NotFound, PreconditionFailed
from core.ids import uuid7
from core.quotas import QuotaExceeded
from tasks.models import Task
from tasks.statements import FLIPPED, TASKS, Changes, Versions, delete_tasks, insert_tasks, select_task, update_tasks
from tasks.tags import merge_tags


def create_task(
    user_id: str, *, task_id: uuid.UUID | None = None, created_at: datetime | None = None, **fields: Any
) -> Task:
    """``fields`` are validated ones of a task; ``completed`` may be among them.

    A task that was promised before has its ``task_id``, which is ``uuid7(created_at)``. Raises
    ``QuotaExceeded``, and as ``stored_for`` does.
    """
    row = _new_row(created_at or timezone.now(), fields)
    if task_id:
        # Who asks for what was updated since has not seen it yet.
        row |= {"id": task_id, "updated_at": timezone.now()}
    with stored_for(user_id):
        return insert_tasks(user_id, [row])[0]


def create_tasks(user_id: str, drafts: Sequence[Mapping[str, Any]]) -> list[Task]:
    """As ``create_task``, at least one, in one statement; ids sort in the order given.

    Raises ``QuotaExceeded``: all or none.
    """
    now = timezone.now()
    instants = (now + timedelta(microseconds=position) for position in range(len(drafts)))
    return insert_tasks(user_id, [_new_row(instant, fields) for instant, fields in zip(instants, drafts, strict=False)])


def create_what_fits(user_id: str, drafts: Sequence[Mapping[str, Any]]) -> list[Task | QuotaExceeded]:
    """As ``create_tasks``, one after the other until there is no room left; the rest are refused."""
    try:
        return [*create_tasks(user_id, drafts)]
    except QuotaExceeded as refusal:
        room = quotas.room(user_id, TASKS)
        made = create_tasks(user_id, drafts[:room]) if room else []
        return [*made, *[refusal] * len(drafts[room:])]


def edit_task(user_id: str, task_id: uuid.UUID, changes: Changes, *, versions: Versions = None) -> Task:
    """Sets the fields that are given, ``completed`` among them.

    Raises ``NotFound``, or ``PreconditionFailed`` if the task is at none of ``versions``. Changes that
    are none leave ``updated_at`` and ``version`` alone.
    """
    task = edit_tasks(user_id, {task_id: changes}, versions=versions).get(task_id)
    if task is None:
        raise _refusal(user_id, task_id)
    return task


def edit_tasks(user_id: str, edits: Mapping[uuid.UUID, Changes], *, versions: Versions = None) -> dict[uuid.UUID, Task]:
    """As ``edit_task``, in one statement. Returns those that exist and are at one of ``versions``."""
    return update_tasks(user_id, {task_id: _clean(changes) for task_id, changes in edits.items()}, versions)


def toggle_task(user_id: str, task_id: uuid.UUID, *, versions: Versions = None) -> Task:
    """Completes an open task, reopens a completed one. Raises as ``edit_task`` does."""
    return edit_task(user_id, task_id, {"completed": FLIPPED}, versions=versions)


def delete_task(user_id: str, task_id: uuid.UUID, *, versions: Versions = None) -> None:
    """Raises as ``edit_task`` does."""
    if not delete_tasks(user_id, [task_id], versions):
        raise _refusal(user_id, task_id)


def lock_tasks(user_id: str, task_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those that exist, unchanged by others until the end of the transaction.

    All in the order of their ids: two that want the same ones wait for each other instead of for ever.
    """
    tasks = Task.objects.select_for_update().filter(user_id=user_id, id__in=task_ids).order_by("id")
    return set(tasks.values_list("id", flat=True)) if task_ids else set()


def task_not_found() -> NotFound:
    return NotFound("task_not_found")


def precondition_failed() -> PreconditionFailed:
    return PreconditionFailed("precondition_failed")


def _refusal(user_id: str, task_id: uuid.UUID) -> NotFound | PreconditionFailed:
    """Why a conditional statement found no row."""
    return precondition_failed() if select_task(user_id, task_id) else task_not_found()


def _new_row(now: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in _clean(fields).items() if name != "completed"}
    completed_at = now if fields.get("completed") else None
    return {"id": uuid7(now), "completed_at": completed_at, "created_at": now, "updated_at": now, **rest}


def _clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Tags that differ only in case become one."""
    return {name: merge_tags(value) if name == "tags" else value for name, value in fields.items()}
