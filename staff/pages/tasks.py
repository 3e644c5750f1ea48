from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from staff import acts
from staff.lists import ListedAdmin
from tasks.models import Task


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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], Any]:
        return [], {"tasks": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Task) -> None:
        acts.delete_task(obj.user_id, obj.id, client=acts.staff_client(request))
