from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from accounts.user_ids import USER
from tasks.bulk.views import BulkView
from tasks.views import TaskViewSet


class TaskIdConverter(StringConverter):
    """For where another segment is no task that is missing, but no path."""

    regex = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


register_converter(TaskIdConverter, "task_id")


def task_paths(prefix: str, task_id: str = "<str:task_id>", **named: str) -> list[URLPattern]:
    def view(**actions: str) -> Callable[..., HttpResponseBase]:
        return TaskViewSet.as_view({**actions}, **named)

    task = f"{prefix}/{task_id}"
    return [
        path(prefix, view(get="list", post="create")),
        path(task, view(get="retrieve", put="update", patch="partial_update", delete="destroy")),
        path(f"{task}/toggle", view(patch="toggle")),
        path(f"{task}/complete", view(patch="complete")),
    ]


urlpatterns = [
    path(f"{USER}/tasks/bulk", BulkView.as_view()),
    *task_paths(f"{USER}/tasks"),
]
