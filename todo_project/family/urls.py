"""The API's routes, each as the family speaks it."""

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern, path

from accounts.urls import urlpatterns as account_paths
from accounts.user_ids import USER
from assistant.urls import urlpatterns as assistant_paths
from staff.urls import urlpatterns as staff_paths
from tasks.urls import task_paths
from tasks.urls import urlpatterns as tasks_paths
from todo_project.family.admin_paths import RoleView, UserTaskView
from todo_project.family.conversations import HistoryView, MessagesView
from todo_project.family.own_paths import without_user
from todo_project.family.views import SPOKEN, ShortPathTasks


def spoken(patterns: Sequence[URLPattern]) -> list[URLPattern]:
    """The same paths with the family's view in the place of each that has one."""
    return [
        URLPattern(pattern.pattern, _spoken(pattern.callback), pattern.default_args, pattern.name)
        for pattern in patterns
    ]


def _spoken(view: Any) -> Any:
    view_class = SPOKEN.get(view.cls)
    if view_class is None:
        return view
    actions = [view.actions] if hasattr(view, "actions") else []
    return view_class.as_view(*actions, **view.initkwargs)


# They are tried in turn, so the busiest come first.
OWNED = [
    *spoken(tasks_paths),
    # Before the conversation that "history" would be.
    path(f"{USER}/conversations/history", HistoryView.as_view()),
    path(f"{USER}/conversations/<str:conversation_id>/messages", MessagesView.as_view()),
    *spoken(assistant_paths),
]
urlpatterns: list[URLPattern] = [
    *OWNED,
    *without_user(OWNED),
    *task_paths(USER, ShortPathTasks),
    *spoken([*account_paths, *staff_paths]),
    path("admin/users/<str:user_id>/role", RoleView.as_view()),
    path("admin/users/<str:user_id>/tasks/<str:task_id>", UserTaskView.as_view()),
]
