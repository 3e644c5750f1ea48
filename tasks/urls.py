from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from tasks.admin_views import UserTasksViewSet
from tasks.bulk_views import BulkView
from tasks.views import TaskViewSet


class UserIdConverter(StringConverter):
    """One path segment, but not those of our own endpoints beside it."""

    # "$", not "\Z": the pattern stands in the OpenAPI document, where it is JavaScript's.
    regex = r"(?!(?:admin|auth)(?:/|$))[^/]+"


register_converter(UserIdConverter, "user_id")


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
    path("<user_id:user_id>/tasks/bulk", BulkView.as_view()),
    *task_paths("<user_id:user_id>/tasks"),
    *task_paths("<user_id:user_id>", is_alias=True),
]
