from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from accounts.models import Session
from staff import acts
from staff.lists import LookOnly


@admin.register(Session)
class SessionAdmin(LookOnly):
    list_display = ("user", "address", "user_agent", "created_at", "last_seen_at", "expires_at", "ended_at")
    list_display_links = None
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__id__exact", "user__email")
    search_help_text = "The user's email or exact id"
    ordering = ("-created_at", "-id")
    # Not the hashes of its tokens.
    fields = ("id", *list_display)
    actions = ("end_these",)

    @admin.action(description="End these sessions", permissions=["view"])
    def end_these(self, request: HttpRequest, selected: models.QuerySet[Session]) -> None:
        client = acts.staff_client(request)
        ended = sum(acts.end_session(session.user_id, session.id, client=client) for session in selected)
        self.message_user(request, f"Sessions ended: {ended}.", messages.SUCCESS)
