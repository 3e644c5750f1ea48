from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.user_ids import USER
from tasks.bulk.views import BulkView
from tasks.views import TaskViewSet


def task_paths(prefix: str, **named: str) -> list[URLPattern]:
    def view(**actions: str) -> Callable[..., HttpResponseBase]:
        return TaskViewSet.as_view({**actions}, **named)

    task = f"{prefix}/<str:task_id>"
    return [
        path(prefix, view(get="list", post="create")),
        path(task, view(get="retrieve", put="update", patch="partial_update", delete="destroy")),
        path(f"{task}/toggle", view(patch="toggle")),
        path(f"{task}/complete", view(patch="complete")),
    ]


urlpatterns = [
    path(f"{USER}/tasks/bulk", BulkView.as_view()),
    *task_paths(f"{USER}/tasks"),
    # One backend's clients expect them directly under the user.
    *task_paths(USER, operation_suffix="_alias", schema_tag="tasks, short paths"),
]
