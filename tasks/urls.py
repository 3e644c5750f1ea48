from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.paths import USER
from tasks.admin_views import UserTasksViewSet
from tasks.bulk_views import BulkView
from tasks.views import TaskViewSet


def task_paths(prefix: str, *, is_alias: bool = False) -> list[URLPattern]:
    def view(**actions: str) -> Callable[..., HttpResponseBase]:
        return TaskViewSet.as_view({**actions}, is_alias=is_alias)

    task = f"{prefix}/<str:task_id>"
    return [
        path(prefix, view(get="list", post="create")),
        path(task, view(get="retrieve", put="update", patch="partial_update", delete="destroy")),
        path(f"{task}/toggle", view(patch="toggle")),
        path(f"{task}/complete", view(patch="complete")),
    ]


urlpatterns = [
    path("admin/users/<str:user_id>/tasks", UserTasksViewSet.as_view({"get": "list"})),
    path(f"{USER}/tasks/bulk", BulkView.as_view()),
    *task_paths(f"{USER}/tasks"),
    *task_paths(USER, is_alias=True),
]
