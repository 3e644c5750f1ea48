"""What became of everything that was acknowledged, by the service's own journal."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

from bench.database import open_rows
from testing.converge.replica import Change

# As in tasks/models.py, which needs Django's settings. The doors are those of the replicas' own changes.
CREATED: Final = 1
TRASHED: Final = 3
API: Final = 1
BULK: Final = 2
ENTRIES: Final = "SELECT version, kind, via, changes FROM tasks_entry WHERE user_id = {place} ORDER BY version"


class Entry(NamedTuple):
    version: int
    kind: int
    via: int
    changes: dict[str, Any]


def read_journal(url: str, user_id: str) -> list[Entry]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            rows = database.execute(ENTRIES.format(place="?"), [user_id]).fetchall()
    else:
        with open_rows(url) as connection:
            rows = connection.execute(ENTRIES.format(place="%s"), [user_id]).fetchall()
    return [Entry(row[0], row[1], row[2], _read(row[3])) for row in rows]


def _read(stored: Any) -> dict[str, Any]:
    """SQLite's is text."""
    return json.loads(stored) if isinstance(stored, str) else stored  # type: ignore[no-any-return] # an object, as all are


def find_faults(journal: Sequence[Entry], changes: Iterable[Change]) -> Iterator[str]:
    """Changes that were lost, or done twice. Each new title or description is one of its own in the whole run."""
    told = [*changes]
    sent = [line for line in journal if line.via in (API, BULK)]
    done = Counter(line.changes["title"][1] for line in sent if line.kind == CREATED)
    done += Counter(line.changes["description"][1] for line in sent if "description" in line.changes)
    wanted = Counter(_mark(change) for change in told if change.was_done and change.op != "delete")
    yield from (f"lost: {mark}" for mark in wanted - done)
    yield from (f"applied twice, or refused and applied: {mark}" for mark in done - wanted if mark)
    deleted = sum(line.kind == TRASHED for line in sent)
    acknowledged = sum(bool(change.was_done) for change in told if change.op == "delete")
    if deleted != acknowledged:
        yield f"{acknowledged} deletions were acknowledged, {deleted} done"
    if any(change.was_done is None for change in told):
        yield "never answered"
    if [line.version for line in journal] != [*range(1, len(journal) + 1)]:
        yield "the numbers have gaps"


def _mark(change: Change) -> str:
    return str(change.data["title" if change.op == "create" else "description"])
