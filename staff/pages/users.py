from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect

from accounts import roles, services
from accounts.models import User
from accounts.user_ids import USER_ID
from core.errors import Conflict
from staff import acts
from staff.lists import ListedAdmin
from staff.task_counts import count_tasks


@admin.register(User)
class UserAdmin(ListedAdmin):
    """Looks, switches off and deletes, by the same rules as the API.

    People sign up themselves, and roles are given by command or through the API.
    """

    list_display = ("email", "id", "name", "role", "is_active", "issuer", "created_at")
    list_filter = ("role", "is_active", "issuer", "created_at")
    search_fields = ("id__exact", "email", "name")
    search_help_text = "Email, name, or an exact id"
    ordering = ("-created_at",)
    fields = ("id", "email", "name", "issuer", "role", "is_active", "created_at", "updated_at")
    readonly_fields = ("id", "email", "name", "issuer", "role", "created_at", "updated_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Nobody locks themself out.
        return super().has_delete_permission(request, obj) and obj != request.user

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        # What no id can be, PostgreSQL may refuse to compare: a NUL character.
        return super().get_object(request, object_id, from_field) if USER_ID.match(object_id) else None

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        own = ["is_active"] if obj == request.user else []
        return [*self.readonly_fields, *own]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], Any]:
        """Counts what goes with the accounts: Django would list each of ten thousand tasks."""
        users = list(objs)
        tasks = sum(counts.task_count for counts in count_tasks([user.id for user in users]).values())
        return [str(user) for user in users], {"users": len(users), "tasks": tasks}, set(), []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if "is_active" in form.changed_data:
            roles.change_user(_actor(request), obj.id, client=acts.staff_client(request), is_active=obj.is_active)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        services.delete_account(obj, client=acts.staff_client(request))

    # A broken rule undoes the whole request, what Django logs of it included, and is told on the page.

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(super().changelist_view, request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(super().delete_view, request, *args, **kwargs)

    def _told(self, view: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic() if request.method == "POST" else nullcontext():
                return view(request, *args, **kwargs)
        except Conflict as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
