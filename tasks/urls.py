from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter
from rest_framework.routers import SimpleRouter

from accounts.user_ids import USER
from tasks.bulk.views import BulkView
from tasks.journal.events import EventsView
from tasks.journal.views import ChangesView, HistoryViewSet, UndoView
from tasks.trash.views import RestoreView, TrashViewSet
from tasks.views import TaskViewSet


class TaskIdConverter(StringConverter):
    """For where another segment is no task that is missing, but no path."""

    regex = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


register_converter(TaskIdConverter, "task_id")


def task_paths(prefix: str, viewset: type[TaskViewSet]) -> list[URLPattern]:
    router = SimpleRouter(trailing_slash=False, use_regex_path=False)
    router.register(prefix, viewset, viewset.operation_prefix + viewset.operation_suffix)
    return [route for route in router.urls if isinstance(route, URLPattern)]


urlpatterns = [
    path(f"{USER}/tasks/bulk", BulkView.as_view()),
    path(f"{USER}/tasks/trash", TrashViewSet.as_view({"get": "list"})),
    *task_paths(f"{USER}/tasks", TaskViewSet),
    path(f"{USER}/tasks/<str:task_id>/restore", RestoreView.as_view()),
    path(f"{USER}/tasks/<str:task_id>/history", HistoryViewSet.as_view({"get": "list"})),
    path(f"{USER}/changes", ChangesView.as_view()),
    path(f"{USER}/events", EventsView.as_view()),
    path(f"{USER}/undo", UndoView.as_view()),
]
