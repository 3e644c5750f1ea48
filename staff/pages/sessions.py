from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

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
    actions = ("end_these", "end_addresses")

    @admin.action(description="End these sessions", permissions=["view"])
    def end_these(self, request: HttpRequest, selected: models.QuerySet[Session]) -> None:
        client = acts.staff_client(request)
        ended = sum(acts.end_session(session.user_id, session.id, client=client) for session in selected)
        self.message_user(request, f"Sessions ended: {ended}.", messages.SUCCESS)

    @admin.action(description="End all sessions of their addresses", permissions=["view"])
    def end_addresses(self, request: HttpRequest, selected: models.QuerySet[Session]) -> HttpResponse | None:
        """Also those of people who are not in the list, so it asks first."""
        addresses = sorted({session.address for session in selected})
        if "sure" not in request.POST:
            return self._ask(request, addresses)
        client = acts.staff_client(request)
        ended = sum(acts.end_sessions_of_address(address, client=client) for address in addresses)
        self.message_user(request, f"Sessions ended: {ended}.", messages.SUCCESS)
        return None

    def _ask(self, request: HttpRequest, addresses: list[str]) -> HttpResponse:
        repeated = [("action", "end_addresses")]
        repeated += [("_selected_action", value) for value in request.POST.getlist("_selected_action")]
        question = f"Whoever came from there has to log in anew: {', '.join(addresses)}."
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "End all sessions of these addresses?",
            "question": question,
            "repeated": repeated,
            "page": request.get_full_path(),
        }
        return TemplateResponse(request, "staff/confirm.html", shown)
