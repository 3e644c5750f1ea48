from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services
from accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not subscriptable at run time
    """Looks and switches off; people sign up themselves and roles are given by command."""

    list_display = ("email", "id", "name", "role", "is_active", "issuer", "created_at")
    list_filter = ("role", "is_active", "issuer", "created_at")
    search_fields = ("id__exact", "email", "name")
    search_help_text = "Email, name, or an exact id"
    ordering = ("-created_at",)
    fields = ("id", "email", "name", "issuer", "role", "is_active", "created_at", "updated_at")
    readonly_fields = ("id", "email", "issuer", "role", "created_at", "updated_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Nobody locks themself out.
        return super().has_delete_permission(request, obj) and obj != request.user

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        # PostgreSQL refuses to look for a NUL.
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        services.delete_users([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        services.delete_users(queryset.values_list("pk", flat=True))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        own = ["is_active"] if obj == request.user else []
        return [*self.readonly_fields, *own]
