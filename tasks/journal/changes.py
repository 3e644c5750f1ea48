"""What changed since a number: each task once, at its newest."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models import BigIntegerField

from core.errors import Gone
from core.sql import owned
from core.sql.owned import Owner, Statement
from tasks.entries import LAST_NUMBER, MAX_ENTRIES
from tasks.lists.arrays import JsonArray
from tasks.lists.pages import seat
from tasks.representation import from_stored, shown

# Of an entry of which none of the same task is newer. A sub-select, which no planner turns into a look at all of them.
NEWEST: Final = """
    entry.version = (SELECT max(version) FROM tasks_entry AS later
        WHERE later.user_id = {owner} AND later.task_id = entry.task_id)
"""
# The number of the last change, and the last one that is not told any more.
TOLD: Final = """
    coalesce(({last}), 0),
    coalesce((SELECT min(version) - 1 FROM tasks_entry WHERE user_id = {owner}), ({last}), 0)
"""
CHANGES: Final = """
    SELECT CAST(NULL AS bigint), CAST(NULL AS bigint), entry.version, entry.task_id, {task}
    FROM tasks_entry AS entry {beside}
    WHERE entry.user_id = {owner} AND entry.version > {since} AND {newest}
    ORDER BY entry.version LIMIT {limit}
"""
TASK: Final = "(SELECT {json} FROM tasks_task WHERE user_id = {owner} AND id = entry.task_id) AS task"
BESIDE: Final = "LEFT JOIN tasks_task AS task ON task.user_id = {owner} AND task.id = entry.task_id"
# What the column holds: whatever is beyond it was never given.
MAX_NUMBER: Final = BigIntegerField.MAX_BIGINT


@dataclass(frozen=True, slots=True)
class Changes:
    # A JSON array, for ``orjson.Fragment``.
    json: str | bytes
    # What the next page is since.
    next: int
    has_more: bool


def read_changes(user_id: str, since: int, size: int) -> Changes:
    """Up to ``size`` tasks and ``MAX_BYTES``. Raises ``Gone`` for a number that is too old, or was never given."""
    with seat(size):
        told, *rows = owned.fetch(user_id, lambda owner: _statement(owner, min(since, MAX_NUMBER), size + 1))
        version, floor, *_ = told
        if not max(floor, version - MAX_ENTRIES) <= since <= version:
            raise Gone("changes_expired")
        found = [row[2:] for row in rows]
        array = JsonArray()
        fitting = array.add(_pieces(found)[:size])
    has_more = fitting < len(found)
    return Changes(array.json, found[fitting - 1][0] if has_more else version, has_more)


def _statement(owner: Owner, since: int, limit: int) -> Statement:
    # Named, for the owner is named seven times over; ``Owner.values`` would have to be so too.
    person = owner.sql("") or "%(owner)s"
    on_postgresql = connection.vendor == "postgresql"
    task = TASK.format(json=shown().json_sql, owner=person) if on_postgresql else shown("task").stored_sql
    sql = CHANGES.format(
        owner=person, task=task, since="%(since)s", limit="%(limit)s",
        beside="" if on_postgresql else BESIDE.format(owner=person), newest=NEWEST.format(owner=person),
    )  # fmt: skip
    values = {"since": since, "limit": limit} | ({} if owner.proof else {"owner": owner.user_id})
    head = f"{TOLD.format(owner=person, last=LAST_NUMBER.format(owner=person))}, NULL, NULL, {shown().nulls}"
    return Statement(sql, values, head=head)


def _pieces(found: list[Any]) -> list[Any]:
    """Each change as JSON, as text or bytes."""
    if connection.vendor == "postgresql":
        return [
            f'{{"version":{number},"id":"{task_id}","task":{task or "null"}}}' for number, task_id, task, *_ in found
        ]
    return [orjson.dumps(_change(number, task_id, task)) for number, task_id, *task in found]


def _change(number: int, task_id: str, stored: list[Any]) -> dict[str, Any]:
    """SQLite's. A task has an id, unless it is gone."""
    task = from_stored([stored])[0] if stored[0] else None
    return {"version": number, "id": str(uuid.UUID(task_id)), "task": task}
