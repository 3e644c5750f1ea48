"""What this app no longer needs: tasks that have been in the trash for long, and old entries of the journals.

These statements look over all owners, and belong to a command alone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from core.sql.batches import BATCH
from core.sql.statements import bind
from tasks.entries import MAX_ENTRIES, hold
from tasks.models import Entry, TrashedTask
from tasks.removals import purge

# Of each owner whose oldest entry is to go, which an index tells, the newest one that is.
STALE: Final = """
    SELECT held.user_id, first.version, (
        SELECT coalesce(max(version), 0) FROM tasks_entry WHERE user_id = held.user_id AND at < %(before)s
    ), held.version - %(most)s
    FROM core_usage AS held JOIN tasks_entry AS first ON first.user_id = held.user_id AND first.version = (
        SELECT min(version) FROM tasks_entry WHERE user_id = held.user_id
    )
    WHERE held.kind = 'tasks' AND (first.at < %(before)s OR first.version <= held.version - %(most)s)
"""


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    return {
        "tasks in the trash": sum(_prune_trash(now - timedelta(days=settings.TRASH_DAYS))),
        "changes of tasks": sum(_prune_entries(now - timedelta(days=settings.JOURNAL_DAYS))),
    }


def _prune_trash(before: datetime) -> Iterator[int]:
    stale = TrashedTask.objects.filter(deleted_at__lt=before).order_by("user_id", "id").values_list("user_id", "id")
    while batch := list(stale[:BATCH]):
        for user_id, rows in groupby(batch, key=lambda row: row[0]):
            with transaction.atomic():
                hold(user_id)
                # Somebody may have restored one.
                task_ids = [task_id for _, task_id in rows]
                yield purge(user_id, task_ids)


def _prune_entries(before: datetime) -> Iterator[int]:
    values = {"before": bind(Entry, "at", before), "most": MAX_ENTRIES}
    with connection.cursor() as cursor:
        cursor.execute(STALE, values)
        stale = cursor.fetchall()
    for user_id, first, by_age, by_count in stale:
        # From the oldest on, without a gap: what there is begins with the first that is told.
        last = max(by_age, by_count)
        for start in range(first, last + 1, BATCH):
            end = min(start + BATCH - 1, last)
            yield Entry.objects.filter(user_id=user_id, version__range=(start, end)).delete()[0]
