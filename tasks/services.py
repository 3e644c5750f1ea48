"""Every change to a task, one or many: each is one conditional statement that names the owner and the
ids, so two at once cannot overwrite what they did not see.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from core import quotas
from core.deleted_owners import stored_for
from core.errors import NotFound, PreconditionFailed
from core.ids import uuid7
from core.quotas import QuotaExceeded
from tasks import statements
from tasks.acts import BY_API, Act
from tasks.edits import FLIPPED, Changes, Versions
from tasks.entries import TASKS, hold
from tasks.models import Task, TrashedTask
from tasks.rows import AS_ANSWER, AS_TASK, Form, T, WrittenTask
from tasks.statements import (
    delete_tasks,
    insert_tasks,
    select_task,
    trash_task,
    trash_tasks,
    update_task,
    update_tasks,
)
from tasks.tags import merge_tags


def create_task(
    user_id: str,
    *,
    task_id: uuid.UUID | None = None,
    created_at: datetime | None = None,
    act: Act = BY_API,
    **fields: Any,
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
        return insert_tasks(user_id, [row], act, AS_TASK)[0]


def create_written(user_id: str, **fields: Any) -> WrittenTask:
    """As ``create_task``, for an answer."""
    with stored_for(user_id):
        return insert_tasks(user_id, [_new_row(timezone.now(), fields)], BY_API, AS_ANSWER)[0]


def create_tasks(user_id: str, drafts: Sequence[Mapping[str, Any]], act: Act = BY_API) -> list[Task]:
    """As ``create_task``, at least one, in one statement; ids sort in the order given.

    Raises ``QuotaExceeded``: all or none.
    """
    now = timezone.now()
    instants = (now + timedelta(microseconds=position) for position in range(len(drafts)))
    rows = [_new_row(instant, fields) for instant, fields in zip(instants, drafts, strict=False)]
    return insert_tasks(user_id, rows, act, AS_TASK)


def create_what_fits(
    user_id: str, drafts: Sequence[Mapping[str, Any]], act: Act = BY_API
) -> list[Task | QuotaExceeded]:
    """As ``create_tasks``, one after the other until there is no room left; the rest are refused."""
    try:
        return [*create_tasks(user_id, drafts, act)]
    except QuotaExceeded as refusal:
        room = quotas.room(user_id, TASKS) + TrashedTask.objects.filter(user_id=user_id).count()
        made = create_tasks(user_id, drafts[:room], act) if room else []
        return [*made, *[refusal] * len(drafts[room:])]


def edit_task(
    user_id: str, task_id: uuid.UUID, changes: Changes, *, versions: Versions = None, act: Act = BY_API
) -> Task:
    """Sets the fields that are given, ``completed`` among them.

    Raises ``NotFound``, or ``PreconditionFailed`` if the task is at none of ``versions``. Changes that
    are none leave ``updated_at`` and ``version`` alone, and have no ``number``.
    """
    return _edit(user_id, task_id, changes, versions, act, AS_TASK)


def edit_written(user_id: str, task_id: uuid.UUID, changes: Changes, *, versions: Versions = None) -> WrittenTask:
    """As ``edit_task``, for an answer."""
    return _edit(user_id, task_id, changes, versions, BY_API, AS_ANSWER)


def _edit(user_id: str, task_id: uuid.UUID, changes: Changes, versions: Versions, act: Act, form: Form[T]) -> T:
    task = update_task(user_id, task_id, _clean(changes), versions, act, form)
    if task is None:
        raise _refusal(user_id, task_id)
    return task


def edit_tasks(
    user_id: str, edits: Mapping[uuid.UUID, Changes], *, versions: Versions = None, act: Act = BY_API
) -> dict[uuid.UUID, Task]:
    """As ``edit_task``, in one transaction. Returns those that exist and are at one of ``versions``."""
    return update_tasks(user_id, {task_id: _clean(changes) for task_id, changes in edits.items()}, versions, act)


def toggle_task(user_id: str, task_id: uuid.UUID, *, versions: Versions = None) -> WrittenTask:
    """Completes an open task, reopens a completed one. Raises as ``edit_task`` does."""
    return edit_written(user_id, task_id, {"completed": FLIPPED}, versions=versions)


def delete_task(
    user_id: str, task_id: uuid.UUID, *, versions: Versions = None, permanently: bool = False, act: Act = BY_API
) -> int | None:
    """To the trash; ``permanently`` for good, and one that is in the trash too. Raises as ``edit_task`` does.

    Returns the number of a change that can be taken back.
    """
    is_for_good = permanently or not settings.TRASH_DAYS
    if is_for_good:
        numbers = delete_tasks(user_id, [task_id], versions, act, trashed_too=permanently)
    else:
        numbers = trash_task(user_id, task_id, versions, act)
    if task_id not in numbers:
        raise _refusal(user_id, task_id)
    return None if is_for_good else numbers[task_id]


def remove_tasks(
    user_id: str, task_ids: Collection[uuid.UUID], *, versions: Versions = None, act: Act = BY_API
) -> dict[uuid.UUID, int]:
    """To the trash, or for good where there is none; those at one of ``versions``, with the numbers of the changes."""
    remove = trash_tasks if settings.TRASH_DAYS else delete_tasks
    return remove(user_id, task_ids, versions, act)


def restore_task(user_id: str, task_id: uuid.UUID, *, versions: Versions = None, act: Act = BY_API) -> Task:
    """Out of the trash; one that is not in it stays as it is. Raises as ``edit_task`` does."""
    restored = statements.restore_tasks(user_id, [task_id], versions, act).get(task_id)
    if restored:
        return restored
    if TrashedTask.objects.filter(user_id=user_id, id=task_id).exists():
        raise precondition_failed()
    return edit_task(user_id, task_id, {}, versions=versions)


def restore_tasks(user_id: str, task_ids: Collection[uuid.UUID], *, act: Act = BY_API) -> dict[uuid.UUID, Task]:
    """Those that are in the trash."""
    return {**statements.restore_tasks(user_id, task_ids, None, act)}


def lock_tasks(user_id: str, task_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those that exist, unchanged by others until the end of the transaction: as all of this owner's are."""
    if not task_ids:
        return set()
    hold(user_id)
    return set(Task.objects.filter(user_id=user_id, id__in=task_ids).values_list("id", flat=True))


def get_task(user_id: str, task_id: uuid.UUID) -> Task:
    """Raises ``NotFound``."""
    task = select_task(user_id, task_id)
    if task is None:
        raise task_not_found()
    return task


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
