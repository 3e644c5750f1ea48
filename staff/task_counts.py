from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.db.models import Count

from tasks.models import Task

# No database takes any number of ids in one statement.
IDS_AT_ONCE: Final = 1000


class TaskCounts(NamedTuple):
    task_count: int = 0
    completed_task_count: int = 0


def count_tasks(user_ids: Sequence[str]) -> dict[str, TaskCounts]:
    """Of those of the users who have any."""
    return dict(_counted(user_ids))


def _counted(user_ids: Sequence[str]) -> Iterator[tuple[str, TaskCounts]]:
    for start in range(0, len(user_ids), IDS_AT_ONCE):
        owned = Task.objects.filter(user_id__in=user_ids[start : start + IDS_AT_ONCE]).order_by()
        # The plain column: a null is not counted.
        rows = owned.values_list("user_id").annotate(Count("id"), Count("completed_at"))
        yield from ((user_id, TaskCounts(*counts)) for user_id, *counts in rows)
