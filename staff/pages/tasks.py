"""Everybody's tasks: staff may look when somebody asks for help, complete and reopen, and delete on request."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from core.ids import parse_uuid
from core.texts import fold
from staff import acts
from staff.lists import ListedAdmin, Search
from staff.pages import links
from staff.pages.filters import OwnerFilter
from staff.pages.task_filters import DueFilter, PriorityFilter, StateFilter, TagFilter
from staff.telling import told
from tasks.journal.history import read_entries, represent_entry
from tasks.models import OldTaskId, Task

COMPLETED: Final = {"complete": True, "reopen": False}
CHANGES: Final = 20
MILLISECOND: Final = timedelta(milliseconds=1)
# An email may be of several issuers' accounts.
MOST_OWNERS: Final = 20
# Small numbers are the old ids of tasks of several backends.
MOST_MOVED: Final = 20


@admin.register(Task)
class TaskAdmin(ListedAdmin):
    list_display = ("title", "whose", "completed", "priority", "due_at", "created_at", "updated_at")
    list_filter = (StateFilter, PriorityFilter, DueFilter, TagFilter, ("user", OwnerFilter))
    list_select_related = ("user",)
    search_fields = ("title",)
    search_help_text = (
        "A part of the title, an exact id (or the old one of a task that moved here), or the owner's exact email or id"
    )
    fields = (
        "title",
        "whose",
        "description",
        "completed",
        "completed_at",
        "priority",
        "due_at",
        "tags",
        "version",
        "created_at",
        "updated_at",
        "id",
    )
    readonly_fields = fields
    change_form_template = "staff/task.html"

    def search(self, text: str) -> Search:
        task_id = parse_uuid(text)
        owners = list(User.objects.filter(Q(id=text) | Q(email=text)).values_list("id", flat=True)[:MOST_OWNERS])
        if old := _with_old_id(text):
            return Search(old | Q(user_id__in=owners), is_narrow=True)
        if task_id and not owners:
            return Search(with_id(task_id), is_narrow=True)
        if owners:
            return Search(Q(user_id__in=owners), is_narrow=True)
        return Search(Q(title_folded__contains=fold(text)), is_narrow=False)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Task | None:
        task_id = parse_uuid(object_id)
        tasks = self.get_queryset(request).filter(with_id(task_id)) if task_id else None
        return tasks.select_related("user").first() if tasks is not None else None

    @display(description="Owner")
    def whose(self, task: Task) -> str:
        return links.to_user(task.user_id, str(task.user))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        task = self.get_object(request, unquote(object_id))
        if task is None:
            return super().change_view(request, object_id, form_url, extra_context)
        entries = read_entries(task.user_id, task.id, None, CHANGES)
        own = {
            "title": task.title,
            "subtitle": None,
            "heading": task.title,
            "changes": [represent_entry(entry) for entry in entries],
        }
        return super().change_view(request, object_id, form_url, {**own, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(require_POST(self.act_view))
        return [path("<str:object_id>/act/<slug:name>/", act, name="tasks_task_act"), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        task = self.get_object(request, unquote(object_id))
        if task is None or name not in COMPLETED:
            raise Http404
        completed, client = COMPLETED[name], acts.staff_client(request)

        def complete() -> str:
            acts.set_completed(task.user_id, task.id, completed=completed, client=client)
            return "The task is completed." if completed else "The task is open again."

        return told(request, complete, then=reverse("admin:tasks_task_change", args=[quote(task.pk)]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], Any]:
        return [], {"tasks": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Task) -> None:
        acts.delete_task(obj.user_id, obj.id, client=acts.staff_client(request))


def with_id(task_id: uuid.UUID) -> Q:
    """Also when it was created, which its id says: no index begins with a task's id, or PostgreSQL would take it for
    the order of ids in an owner's list.
    """
    since = datetime.fromtimestamp((task_id.int >> 80) / 1000, UTC)
    return Q(id=task_id, created_at__gte=since - MILLISECOND, created_at__lte=since + 2 * MILLISECOND)


def _with_old_id(text: str) -> Q | None:
    """The tasks that were called so where their owners moved from."""
    moved = OldTaskId.objects.filter(old_id=text).values_list("user_id", "task_id")[:MOST_MOVED]
    found = [Q(user_id=user_id) & with_id(task_id) for user_id, task_id in moved]
    return reduce(or_, found) if found else None
