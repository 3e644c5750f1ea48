"""Every change to a task. Each is one conditional UPDATE that names owner and id, so two at once
cannot overwrite what they did not see; the row is read back in the same transaction.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.ids import uuid7
from accounts.services import caller_is_gone
from tasks.models import Task
from todo_project.errors import NotFound


def create_task(user_id: str, *, title: str, description: str | None = None, completed: bool = False) -> Task:
    """Raises ``Unauthenticated`` where the owner was deleted meanwhile."""
    now = timezone.now()
    try:
        return Task.objects.create(
            id=uuid7(now),
            user_id=user_id,
            title=title,
            description=description,
            completed_at=now if completed else None,
            created_at=now,
            updated_at=now,
        )
    except IntegrityError as error:
        raise (caller_is_gone(user_id) or error) from error


def edit_task(user_id: str, task_id: uuid.UUID, changes: Mapping[str, Any]) -> Task:
    """Sets ``title``, ``description`` or ``completed``, whichever are given. Raises ``NotFound``.

    Changes that are none leave ``updated_at`` and ``version`` alone.
    """
    now = timezone.now()
    values: dict[str, Any] = {name: changes[name] for name in ("title", "description") if name in changes}
    differs = Q(pk__in=[])
    for name, value in values.items():
        differs |= Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})
    if "completed" in changes:
        differs |= Q(completed_at__isnull=changes["completed"])
        # The first completion is the one that counts.
        values["completed_at"] = Coalesce(F("completed_at"), Value(now)) if changes["completed"] else None
    return _update(user_id, task_id, differs, now, values)


def toggle_task(user_id: str, task_id: uuid.UUID) -> Task:
    """Completes an open task, reopens a completed one. Raises ``NotFound``."""
    now = timezone.now()
    flipped = Case(When(completed_at__isnull=True, then=Value(now)), default=None)
    return _update(user_id, task_id, Q(), now, {"completed_at": flipped})


def delete_task(user_id: str, task_id: uuid.UUID) -> None:
    """Raises ``NotFound``."""
    deleted, _ = Task.objects.filter(user_id=user_id, id=task_id).delete()
    if not deleted:
        raise task_not_found()


def get_task(user_id: str, task_id: uuid.UUID) -> Task:
    """Raises ``NotFound``."""
    task = Task.objects.filter(user_id=user_id, id=task_id).first()
    if task is None:
        raise task_not_found()
    return task


def task_not_found() -> NotFound:
    return NotFound("task_not_found", "There is no such task.")


def _update(user_id: str, task_id: uuid.UUID, differs: Q, now: datetime, values: Mapping[str, Any]) -> Task:
    with transaction.atomic():
        Task.objects.filter(differs, user_id=user_id, id=task_id).update(
            **values, version=F("version") + 1, updated_at=now
        )
        return get_task(user_id, task_id)
