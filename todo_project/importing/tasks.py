from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from accounts.models import User
from core import quotas
from tasks.acts import BY_COMMAND
from tasks.entries import TASKS, differences, writing
from tasks.models import MAX_OLD_ID_LENGTH, Kind, OldTaskId, Task
from tasks.serializers import read_draft
from todo_project.importing import values
from todo_project.importing.report import Report
from todo_project.importing.source import Row
from todo_project.importing.values import Misfit

BATCH: Final = 1000
KIND: Final = "tasks"
COMPARED: Final = (
    "id",
    "title",
    "description",
    "completed_at",
    "priority",
    "due_at",
    "tags",
    "created_at",
    "updated_at",
)


def move(user: User, rows: Iterable[Row], letter: str, report: Report) -> None:
    """In a transaction. Those that are here, or were, stay as they are. Raises ``QuotaExceeded``, ``Misfit``."""
    known = set(OldTaskId.objects.filter(user_id=user.id, source=letter).values_list("old_id", flat=True))
    fitting = sorted(_fitting(user, rows, letter, known, report), key=lambda pair: pair[0].id)
    for start in range(0, len(fitting), BATCH):
        _store(user, fitting[start : start + BATCH], letter, report)


def _fitting(
    user: User, rows: Iterable[Row], letter: str, known: set[str], report: Report
) -> Iterator[tuple[Task, str]]:
    for row in rows:
        if row.get("deleted_at") or values.flag(row.get("is_deleted")):
            report.remarks["tasks that are deleted there were not looked at"] += 1
            continue
        report.read[KIND] += 1
        if row["id"] in known:
            report.there[KIND] += 1
            continue
        try:
            yield read(row, user, letter), row["id"]
        except Misfit as why:
            report.misfit(KIND, row["id"], str(why))


def read(row: Row, user: User, letter: str) -> Task:
    if not 0 < len(values.text(row["id"], "id")) <= MAX_OLD_ID_LENGTH:
        raise Misfit(f"its id is not of 1 to {MAX_OLD_ID_LENGTH} characters")
    created = values.instant(row.get("created_at"), "time of creation") or user.created_at
    updated = max(values.instant(row.get("updated_at"), "time of change") or created, created)
    return Task(
        **_checked(row),
        id=values.stable_uuid7(created, letter, user.id, row["id"]),
        user_id=user.id,
        completed_at=_completed_at(row, updated),
        due_at=values.instant(row.get("due"), "due time"),
        created_at=created,
        updated_at=updated,
    )


def _completed_at(row: Row, updated: datetime) -> datetime | None:
    if not values.completed(row):
        return None
    return values.instant(row.get("completed_at"), "time of completion") or updated


def _checked(row: Row) -> dict[str, Any]:
    """By the rules of a task that is sent here."""
    body = {
        "title": values.text(row["title"], "title"),
        "description": values.text(row.get("description"), "description") or None,
        "priority": values.priority(row.get("priority")),
        "tags": values.tags(row.get("tags")),
    }
    try:
        return read_draft(body)
    except ValidationError as error:
        faults: Any = error.detail
        # Not in its own words: they may quote what is written.
        raise Misfit(f"its {' and '.join(sorted(faults))} would not be taken here") from None


def _store(user: User, batch: Sequence[tuple[Task, str]], letter: str, report: Report) -> None:
    tasks = [task for task, _ in batch]
    with writing(user.id, BY_COMMAND) as pen:
        quotas.take(user.id, TASKS, len(tasks))
        Task.objects.bulk_create(tasks)
        OldTaskId.objects.bulk_create(
            OldTaskId(user_id=user.id, task_id=task.id, source=letter, old_id=old_id) for task, old_id in batch
        )
        for task in tasks:
            pen.note(task.id, Kind.CREATED, differences(None, task))
    wanted = sum(map(_digest, tasks))
    found = sum(map(_digest, Task.objects.filter(user_id=user.id, id__in=[task.id for task in tasks])))
    report.stored[KIND] += len(tasks)
    report.wanted[KIND] += wanted
    report.found[KIND] += found
    if wanted != found:
        raise Misfit("its tasks were not stored as they were read")


def _digest(task: Task) -> int:
    return values.digest(
        [int(value) if name == "priority" else value for name in COMPARED for value in [getattr(task, name)]]
    )
