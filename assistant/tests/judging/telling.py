"""Tells the tables' cases to the real chat, and what became of the tasks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest import mock
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from assistant import services
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.tests.judging.dues import instant
from assistant.turn.beginnings import Said
from assistant.turn.endings import Turn
from tasks.models import Priority, Task
from tasks.services import create_tasks

FOLDER: Final = Path(__file__).parent.parent / "cases"
PRIORITIES: Final = {priority.label: priority for priority in Priority}

Case = Mapping[str, Any]
# Of a task, by its id: what cases tell of it.
State = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Table:
    zone: ZoneInfo
    tasks: Sequence[Mapping[str, Any]]
    cases: Sequence[Case]


@dataclass(slots=True)
class Told:
    """How one case went."""

    start: State
    middle: State
    end: State
    turns: list[Turn] = field(default_factory=list)

    @property
    def answer(self) -> str:
        return self.turns[-1].response


def read_table(path: Path) -> Table:
    table = json.loads(path.read_text())
    prepared = json.loads((FOLDER / "tasks.json").read_text()) if "tasks" not in table else table
    return Table(ZoneInfo(prepared["zone"]), prepared["tasks"], table["cases"])


def tell(user: User, table: Table, case: Case, now: datetime) -> Told:
    now = now.astimezone(table.zone)
    with _clock(now - timedelta(minutes=20)):
        create_tasks(user.id, [_draft(task, now) for task in table.tasks])
    with _clock(now):
        start = middle = look(user)
        turns: list[Turn] = []
        for words in case["turns"]:
            middle = look(user) if turns else start
            known = turns[0].conversation_id if turns else None
            said = Said(words, known, table.zone)
            turns.append(services.run_turn(user, said, BuiltinProvider()))
        return Told(start, middle, look(user), turns)


@contextmanager
def _clock(now: datetime) -> Iterator[None]:
    """Goes on a little each time somebody looks, as ids need."""
    instants = ((now + timedelta(milliseconds=n)).astimezone(UTC) for n in range(1_000_000))
    with mock.patch.object(timezone, "now", side_effect=instants):
        yield


def _draft(task: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "title": task["title"],
        "description": task.get("description"),
        "completed": task.get("completed", False),
        "priority": PRIORITIES[task.get("priority", "medium")],
        "due_at": instant(task["due"], now) if "due" in task else None,
        "tags": task.get("tags", []),
    }


def look(user: User) -> State:
    return {
        str(task.id): {
            "t": task.title,
            "d": task.description,
            "p": Priority(task.priority).label,
            "due": task.due_at,
            "tags": list(task.tags),
            "completed": task.completed,
        }
        for task in Task.objects.visible_to(user)
    }
