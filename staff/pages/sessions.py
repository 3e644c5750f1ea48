"""Sessions of the API: where people are signed in."""

from django.contrib import admin, messages
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.decorators import display

from accounts.models import Session
from core.rest.client import parse_address
from staff import acts
from staff.lists import LookOnly, Search
from staff.pages import links
from staff.pages.filters import ChoiceFilter, since
from staff.pages.searching import who_may_be_meant


class StateFilter(ChoiceFilter):
    title = "State"
    parameter_name = "state"
    options = {
        "live": ("Live", lambda: Q(ended_at=None, expires_at__gt=timezone.now())),
        "ended": ("Ended", lambda: Q(ended_at__isnull=False)),
        "expired": ("Expired", lambda: Q(ended_at=None, expires_at__lte=timezone.now())),
    }


class SeenFilter(ChoiceFilter):
    title = "Last seen"
    parameter_name = "seen"
    options = since("last_seen_at", otherwise="Longer ago")


@admin.register(Session)
class SessionAdmin(LookOnly):
    list_display = ("whose", "from_where", "user_agent", "created_at", "last_seen_at", "expires_at", "ended_at")
    list_display_links = None
    list_filter = (StateFilter, SeenFilter)
    list_select_related = ("user",)
    search_fields = ("user",)
    search_help_text = "How an email begins, an exact id, or an address that is signed in"
    # Made when the session was.
    newest_first = ("id",)
    # Not the hashes of its tokens.
    fields = ("id", *list_display)
    actions = ("end_these", "end_addresses")

    def search(self, text: str) -> Search:
        address = parse_address(text)
        if address is not None:
            return Search(Q(address=str(address), ended_at=None), is_narrow=True)
        return Search(Q(user_id__in=who_may_be_meant(text)), is_narrow=True)

    @display(description="User")
    def whose(self, session: Session) -> str:
        return links.to_user(session.user_id, str(session.user))

    @display(description="Address", empty_value="–")
    def from_where(self, session: Session) -> str:
        return links.to_events(session.address)

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
