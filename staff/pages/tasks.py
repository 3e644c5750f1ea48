from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from staff import acts
from staff.lists import ListedAdmin
from staff.telling import told
from tasks.models import Task

COMPLETED: Final = {"complete": True, "reopen": False}


@admin.register(Task)
class TaskAdmin(ListedAdmin):
    """Read-only: staff may look when somebody asks for help, and delete on request."""

    list_display = ("title", "user", "completed", "created_at", "updated_at")
    list_filter = (("completed", admin.BooleanFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("title", "user__email", "user__id__exact", "id__exact")
    search_help_text = "Title, or the owner's email or exact id"
    ordering = ("-created_at",)
    fields = (
        "id",
        "user",
        "title",
        "description",
        "completed",
        "completed_at",
        "priority",
        "due_at",
        "tags",
        "version",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields
    show_full_result_count = False
    change_form_template = "staff/task.html"

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
