"""How users are found: by words about them, and by where they came from."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuthEvent, Session, User
from core.rest.client import group_address, parse_address

# Of one address the newest: a shared one may have more than anybody reads.
MOST_EVENTS: Final = 1000


def users_seen_at(text: str) -> set[str] | None:
    """The ids of those who came from this address; None where it is none. IPv6 also by its /64."""
    address = parse_address(text)
    if address is None:
        return None
    events = AuthEvent.objects.filter(address__in={str(address), group_address(str(address))}).exclude(subject="")
    sessions = Session.objects.filter(address=str(address), ended_at=None)
    return {
        *events.order_by("-created_at").values_list("subject", flat=True)[:MOST_EVENTS],
        *sessions.values_list("user_id", flat=True)[:MOST_EVENTS],
    }


class IssuerFilter(admin.SimpleListFilter):
    title = "issuer"
    parameter_name = "issuer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("here", "Signed up here"), ("outside", "Signs in elsewhere")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen: dict[str | None, Callable[[], QuerySet[User]]] = {
            "here": lambda: queryset.filter(issuer=""),
            "outside": lambda: queryset.exclude(issuer=""),
        }
        return chosen.get(self.value(), lambda: queryset)()


class LastSeenFilter(admin.SimpleListFilter):
    """By the sessions that are kept; an issuer's users have none here."""

    title = "last seen"
    parameter_name = "seen"
    days: Final = {"1": "In the last day", "7": "In the last 7 days", "30": "In the last 30 days"}
    longer_ago: Final = "longer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*self.days.items(), (self.longer_ago, "Longer ago, or never")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if value == self.longer_ago:
            return queryset.exclude(_seen_within(max(map(int, self.days))))
        return queryset.filter(_seen_within(int(value))) if value in self.days else queryset


def _seen_within(days: int) -> Exists:
    since = timezone.now() - timedelta(days=days)
    return Exists(Session.objects.filter(user_id=OuterRef("id"), last_seen_at__gte=since))
