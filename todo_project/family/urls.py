"""The API's routes, each as the family speaks it."""

from django.urls import URLPattern

from accounts.urls import urlpatterns as account_paths
from accounts.user_ids import USER
from assistant.urls import urlpatterns as assistant_paths
from staff.urls import urlpatterns as staff_paths
from tasks.urls import task_paths
from tasks.urls import urlpatterns as tasks_paths
from tasks.views import TaskViewSet
from todo_project.family.own_paths import without_user


class ShortPathTaskViewSet(TaskViewSet):
    # Directly under the user: backend A's clients expect the tasks there.
    lookup_value_converter = "task_id"
    operation_suffix = "_alias"
    schema_tag = "tasks, short paths"


# They are tried in turn, so the busiest come first.
urlpatterns: list[URLPattern] = [
    *tasks_paths,
    *assistant_paths,
    *without_user([*tasks_paths, *assistant_paths]),
    *task_paths(USER, ShortPathTaskViewSet),
    *account_paths,
    *staff_paths,
]
