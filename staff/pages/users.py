"""Users: how they are found, and the page on which support happens."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.user_ids import USER_ID
from core.errors import NotFound
from staff import acts, exports
from staff.lists import LookOnly, Search
from staff.pages.buttons import BUTTONS, Act, buttons_for
from staff.pages.conversations import ConversationPages
from staff.pages.searching import (
    IssuerFilter,
    JoinedFilter,
    LastSeenFilter,
    RoleFilter,
    StateFilter,
    search_users,
)
from staff.pages.sections import owned_by, sections
from staff.telling import staff_of, told


@admin.register(User)
class UserAdmin(LookOnly):
    """Nothing is typed into an account here: people sign up themselves, and what staff does are acts."""

    list_display = ("email", "id", "name", "role", "is_active", "issuer", "created_at")
    list_filter = (RoleFilter, StateFilter, IssuerFilter, JoinedFilter, LastSeenFilter)
    search_fields = ("email",)
    search_help_text = "Part of an email or name, an exact id, or an address"
    # Of the chooser of a task list's owners.
    ordering = ("-created_at", "-id")
    fields = ("id", "email", "email_verified", "name", "issuer", "role", "is_active", "created_at", "updated_at")
    change_form_template = "staff/user.html"

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(require_POST(self.act_view))
        export = self.admin_site.admin_view(require_POST(self.export_view))
        talks = ConversationPages(self.admin_site)
        return [
            path("<str:object_id>/act/<slug:name>/", act, name="accounts_user_act"),
            path("<str:object_id>/export/", export, name="accounts_user_export"),
            *talks.urls(),
            *super().get_urls(),
        ]

    def search(self, text: str) -> Search:
        return search_users(text)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        # What no id can be, PostgreSQL may refuse to compare: a NUL character.
        return super().get_object(request, object_id, from_field) if USER_ID.match(object_id) else None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, unquote(object_id))
        own = (
            {
                "buttons": buttons_for(user, staff_of(request)),
                "sections": sections(user),
                "is_own": user == request.user,
            }
            if user
            else {}
        )
        return super().change_view(request, object_id, form_url, {**own, **(extra_context or {})})

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        user, button = self._user(request, object_id), BUTTONS.get(name)
        if button is None:
            raise Http404
        if button.question and "sure" not in request.POST:
            return self._ask(request, user, title=f"{button.label}: {user}?", question=button.question)
        act = Act(staff_of(request), user, acts.staff_client(request))
        return told(request, lambda: button.run(act), then=page_of(user))

    def export_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        user = self._user(request, object_id)
        written = exports.export_user(user, staff_of(request), client=acts.staff_client(request))
        headers = {"Content-Disposition": f'attachment; filename="user-{quote(user.id)}.json"'}
        return StreamingHttpResponse(written, content_type="application/json", headers=headers)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Once their email, or the id of those without one, was typed."""
        user = self.get_object(request, unquote(object_id))
        if user is None:
            # Somebody else was quicker, or they themselves.
            return told(request, _there_is_none, then=reverse("admin:accounts_user_changelist"))
        typed, wanted = request.POST.get("typed", "").strip(), user.email or user.id
        if typed.lower() != wanted.lower():
            has_tried = request.method == "POST"
            return self._ask(
                request, user, title=f"Delete {user}?", wanted=wanted, has_tried=has_tried, owned=owned_by(user)
            )
        staff, client = staff_of(request), acts.staff_client(request)

        def delete() -> str:
            acts.delete_user(staff, user, client=client)
            return f"{user} was deleted with all they owned."

        return told(request, delete, then=reverse("admin:accounts_user_changelist"), otherwise=page_of(user))

    def _user(self, request: HttpRequest, object_id: str) -> User:
        user = self.get_object(request, unquote(object_id))
        if user is None:
            raise Http404
        return user

    def _ask(self, request: HttpRequest, user: User, **context: Any) -> HttpResponse:
        """Posted anew to where it was asked for."""
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "page": page_of(user),
            "user": request.user,
        }
        return TemplateResponse(request, "staff/confirm.html", {**shown, "original": user, **context})


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[quote(user.id)])


def _there_is_none() -> str:
    raise NotFound("user_not_found")
