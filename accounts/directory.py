"""Everybody, as admins see them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from todo_project.env import USER_ID
from todo_project.errors import NotFound

# No database takes any number of ids in one statement.
IDS_AT_ONCE: Final = 1000


class TaskCounts(NamedTuple):
    task_count: int = 0
    completed_task_count: int = 0


def get_user(user_id: str) -> User:
    """Raises ``NotFound``."""
    # What no id can be, PostgreSQL may refuse to compare: a NUL character.
    user = User.objects.filter(id=user_id).first() if USER_ID.match(user_id) else None
    if user is None:
        raise NotFound("user_not_found", "There is no such user.")
    return user


def find_users(*, search: str = "", **exactly: Any) -> QuerySet[User]:
    """``search`` is a part of email or name, without case, or an exact id."""
    users = User.objects.filter(**exactly)
    if search:
        users = users.filter(Q(email__icontains=search) | Q(name__icontains=search) | Q(id=search))
    return users


def count_tasks(user_ids: Sequence[str]) -> dict[str, TaskCounts]:
    """Of those of the users who have any."""
    return dict(_counted(user_ids))


def _counted(user_ids: Sequence[str]) -> Iterator[tuple[str, TaskCounts]]:
    # This app does not know tasks; the relation does.
    tasks: Any = User._meta.get_field("tasks").related_model
    for start in range(0, len(user_ids), IDS_AT_ONCE):
        owned = tasks.objects.filter(user_id__in=user_ids[start : start + IDS_AT_ONCE]).order_by()
        # The plain column: a null is not counted.
        rows = owned.values_list("user_id").annotate(Count("id"), Count("completed_at"))
        yield from ((user_id, TaskCounts(*counts)) for user_id, *counts in rows)
