"""How users are found: by words about them, and by where they came from."""

from datetime import timedelta
from functools import partial
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import AuthEvent, Session, User
from core.rest.client import group_address, parse_address
from core.sql.statements import is_distributed
from staff.lists import WINDOW, Search
from staff.pages.filters import DAYS, ChoiceFilter, since

# Of one address the newest: a shared one may have more than anybody reads.
MOST_EVENTS: Final = 1000
# Whose email begins alike.
MOST_USERS: Final = 20
# After whatever else a text may begin with.
LAST: Final = "\U0010ffff"


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


def who_may_be_meant(text: str) -> set[str]:
    """The ids of those whose email begins so; and the text itself, which may be an id, of somebody deleted too."""
    return {text, *User.objects.filter(email_begins(text)).values_list("id", flat=True)[:MOST_USERS]}


def search_users(text: str) -> Search:
    """By an address, an exact id, how an email begins; a part of email or name only among those who came last."""
    ids = users_seen_at(text)
    if ids is None:
        ids = who_may_be_meant(text) | _lately_called(text)
    return Search(Q(id__in=ids), is_narrow=True)


def email_begins(text: str) -> Q:
    """As an index finds it: PostgreSQL's needs LIKE, SQLite's has none for that."""
    text = text.lower()
    return Q(email__startswith=text) if connection.vendor == "postgresql" else Q(email__gte=text, email__lt=text + LAST)


def _lately_called(text: str) -> set[str]:
    newest = User.objects.order_by("-created_at")
    bound = next(iter(newest.values_list("created_at", flat=True)[WINDOW : WINDOW + 1]), None)
    lately = newest if bound is None else newest.filter(created_at__gte=bound)
    called = lately.filter(Q(email__contains=text) | Q(name__icontains=text))
    return set(called.values_list("id", flat=True)[:MOST_USERS])


class RoleFilter(ChoiceFilter):
    title = "Role"
    parameter_name = "role"
    options = {value: (str(label), partial(Q, role=value)) for value, label in User.Role.choices}


class StateFilter(ChoiceFilter):
    title = "State"
    parameter_name = "state"
    options = {"active": ("Active", lambda: Q(is_active=True)), "disabled": ("Disabled", lambda: Q(is_active=False))}


class IssuerFilter(ChoiceFilter):
    title = "Signs in"
    parameter_name = "issuer"
    options = {"here": ("Here", lambda: Q(issuer="")), "outside": ("Elsewhere", lambda: ~Q(issuer=""))}


class JoinedFilter(ChoiceFilter):
    title = "Joined"
    parameter_name = "joined"
    options = since("created_at", otherwise="Longer ago")


def _was_seen_within(days: int) -> Q:
    seen = Session.objects.filter(last_seen_at__gte=timezone.now() - timedelta(days=days))
    if is_distributed():
        # Citus asks the machines nothing about each row of users; PostgreSQL would search a long list for each.
        return Q(id__in=seen.values("user_id"))
    return Q(Exists(seen.filter(user_id=OuterRef("id"))))


class LastSeenFilter(ChoiceFilter):
    """By the sessions that are kept; an issuer's users have none here."""

    title = "Last seen"
    parameter_name = "seen"
    options = {
        **{days: (label, partial(_was_seen_within, int(days))) for days, label in DAYS.items()},
        "longer": ("Longer ago, or never", lambda: ~_was_seen_within(max(map(int, DAYS)))),
    }
