from django.contrib import admin
from django.http import HttpRequest

from tasks.models import Task


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not subscriptable at run time
    """Read-only: staff may look when somebody asks for help, and delete on request."""

    list_display = ("title", "user", "completed", "created_at", "updated_at")
    list_filter = ("completed", "created_at")
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
