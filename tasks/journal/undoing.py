"""Takes changes back: their inverse, by the same services, where nothing changed since."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction

from core.deleted_owners import stored_for
from core.errors import Conflict
from core.times import parse_timestamp
from tasks import services
from tasks.acts import BY_UNDO, Act
from tasks.entries import INITIAL, Span, spanning
from tasks.journal.tokens import invalid, make_token, read_token
from tasks.models import Entry, Kind, Task, TrashedTask

INSTANTS = ("completed_at", "due_at")
# Of those that have changed since so many are named.
MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Inverse:
    """Of all that was done to one task."""

    task_id: uuid.UUID
    was_there: bool
    is_there: bool
    # What it said before.
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    inverses: Sequence[Inverse]
    # Those that are there now.
    tasks: Mapping[uuid.UUID, Task]
    # What takes this back in turn; empty where it is for good.
    token: str


def undo(user_id: str, token: str, act: Act = BY_UNDO) -> Undone:
    """Raises ``Invalid`` as ``read_token``, ``Conflict`` where something of it has changed since."""
    taken_back = read_token(user_id, token)
    with stored_for(user_id), transaction.atomic(), spanning(user_id) as span:
        inverses = list(_inverses(_entries(user_id, taken_back)))
        _refuse_changed(user_id, [inverse.task_id for inverse in inverses], taken_back.last)
        tasks = _take_back(user_id, inverses, act)
    is_for_good = not settings.TRASH_DAYS and any(not inverse.was_there for inverse in inverses)
    return Undone(inverses, tasks, "" if is_for_good else make_token(user_id, span))


def _entries(user_id: str, span: Span) -> list[Entry]:
    entries = list(Entry.objects.filter(user_id=user_id, version__range=(span.first, span.last)).order_by("version"))
    if len(entries) != span.last - span.first + 1 or any(entry.kind == Kind.DELETED for entry in entries):
        raise invalid()
    return entries


def _inverses(entries: Iterable[Entry]) -> Iterator[Inverse]:
    for task_id, group in groupby(sorted(entries, key=_of_task), key=lambda entry: entry.task_id):
        of_task = list(group)
        values: dict[str, Any] = {}
        for entry in reversed(of_task):
            values |= {name: _read(name, pair[0]) for name, pair in entry.changes.items() if name in INITIAL}
        was_there = of_task[0].kind in (Kind.CHANGED, Kind.TRASHED)
        is_there = of_task[-1].kind != Kind.TRASHED
        # What was not there had no values.
        yield Inverse(task_id, was_there, is_there, {} if of_task[0].kind == Kind.CREATED else values)


def _of_task(entry: Entry) -> tuple[uuid.UUID, int]:
    return entry.task_id, entry.version


def _read(name: str, value: Any) -> Any:
    return parse_timestamp(value) if value is not None and name in INSTANTS else value


def _refuse_changed(user_id: str, task_ids: Sequence[uuid.UUID], last: int) -> None:
    later = Entry.objects.filter(user_id=user_id, task_id__in=task_ids, version__gt=last)
    if changed := set(later.values_list("task_id", flat=True)):
        raise changed_since(user_id, changed)


def changed_since(user_id: str, task_ids: Iterable[uuid.UUID]) -> Conflict:
    """Names them, by their titles where they have one still."""
    wanted = sorted(task_ids)
    titles: dict[uuid.UUID, str] = {}
    for kept in (Task, TrashedTask):
        titles |= dict(kept.objects.filter(user_id=user_id, id__in=wanted).values_list("id", "title"))
    named = [f"\u201c{titles[task_id]}\u201d" if task_id in titles else str(task_id) for task_id in wanted[:MAX_NAMED]]
    more = f" and {len(wanted) - MAX_NAMED} more" if len(wanted) > MAX_NAMED else ""
    message = f"Changed since, so nothing was taken back: {', '.join(named)}{more}."
    return Conflict("changed_since", message, faults={str(task_id): message for task_id in wanted})


def _take_back(user_id: str, inverses: Sequence[Inverse], act: Act) -> Mapping[uuid.UUID, Task]:
    wanted = {inverse.task_id for inverse in inverses if inverse.was_there and not inverse.is_there}
    tasks = services.restore_tasks(user_id, wanted, act=act) if wanted else {}
    if lost := wanted - tasks.keys():
        raise changed_since(user_id, lost)
    edits = {inverse.task_id: inverse.values for inverse in inverses if inverse.values}
    tasks |= services.edit_tasks(user_id, edits, act=act) if edits else {}
    extra = [inverse.task_id for inverse in inverses if inverse.is_there and not inverse.was_there]
    if extra:
        services.remove_tasks(user_id, extra, act=act)
    return {task_id: task for task_id, task in tasks.items() if task_id not in extra}
