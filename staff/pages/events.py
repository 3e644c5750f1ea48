"""The security log."""

import re
from functools import partial
from typing import Any, Final

from django.contrib import admin
from django.db.models import F, Q
from unfold.decorators import display

from accounts.models import AuthEvent
from core.rest.client import group_address, parse_address
from staff.lists import LookOnly, Search
from staff.pages import links
from staff.pages.filters import ChoiceFilter, since
from staff.pages.searching import who_may_be_meant

IPV6_SITE: Final = "/64"
BEGIN_OF_ADDRESS: Final = re.compile(r"[0-9a-f]{1,4}[.:][0-9a-f.:]*", re.IGNORECASE)


class KindFilter(ChoiceFilter):
    title = "Kind"
    parameter_name = "kind"
    options = {value: (str(label), partial(Q, kind=value)) for value, label in AuthEvent.Kind.choices}


class OutcomeFilter(ChoiceFilter):
    title = "Outcome"
    parameter_name = "outcome"
    options = {"good": ("Succeeded", lambda: Q(success=True)), "bad": ("Refused", lambda: Q(success=False))}


class WhenFilter(ChoiceFilter):
    title = "When"
    parameter_name = "when"
    options = since("created_at", otherwise="Longer ago")


@admin.register(AuthEvent)
class AuthEventAdmin(LookOnly):
    list_display = ("created_at", "kind", "success", "whose", "by", "from_where", "reason", "count")
    list_filter = (KindFilter, OutcomeFilter, WhenFilter)
    search_fields = ("subject",)
    search_help_text = "How an email or an address begins, or an exact id"
    fields = (
        "created_at",
        "kind",
        "success",
        "reason",
        "whose",
        "by",
        "changed",
        "from_where",
        "user_agent",
        "request_id",
        "count",
    )

    def search(self, text: str) -> Search:
        """The address of whoever asked, or whom it was done to or by."""
        address = parse_address(text.removesuffix(IPV6_SITE))
        if address is not None:
            # What is counted is counted for the whole of a site.
            return Search(Q(address__in={str(address), group_address(str(address))}), is_narrow=True)
        if BEGIN_OF_ADDRESS.fullmatch(text):
            return Search(Q(address__startswith=text.lower()), is_narrow=False)
        ids = who_may_be_meant(text)
        by_staff = Q(actor__in=ids) & ~Q(actor=F("subject"))
        return Search(Q(subject__in=ids) | by_staff, is_narrow=True)

    def add_what_is_shown(self, rows: list[Any]) -> None:
        names = links.names_of({row.subject for row in rows} | {row.actor for row in rows if row.actor})
        for row in rows:
            row.names = names

    @display(description="Whose", empty_value="–")
    def whose(self, event: AuthEvent) -> str:
        return links.to_user(event.subject, self._name(event, event.subject))

    @display(description="By", empty_value="–")
    def by(self, event: AuthEvent) -> str:
        return links.to_user(event.actor or "", self._name(event, event.actor or ""))

    @display(description="Address", empty_value="–")
    def from_where(self, event: AuthEvent) -> str:
        return links.to_events(event.address)

    @display(description="Changes", empty_value="–")
    def changed(self, event: AuthEvent) -> str:
        return "; ".join(f"{name}: {was} → {now}" for name, (was, now) in (event.changes or {}).items())

    def _name(self, event: Any, user_id: str) -> str:
        if not hasattr(event, "names"):
            self.add_what_is_shown([event])
        names: dict[str, str] = event.names
        return names.get(user_id, "")
