"""From a row of one list to what it tells of in another."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User


def to_user(user_id: str, text: str = "") -> str:
    """Marked up, in the words of ``text``; empty without an id."""
    if not user_id:
        return ""
    page = reverse("admin:accounts_user_change", args=[quote(user_id)])
    return _link(page, text or user_id)


def to_events(words: str) -> str:
    """Who else came from this address, what else was done to this person."""
    return _link(f"{reverse('admin:accounts_authevent_changelist')}?{urlencode({'q': words})}", words) if words else ""


def names_of(ids: set[str]) -> dict[str, str]:
    """Those of them who are there, by their email where they have one."""
    return {user.id: str(user) for user in User.objects.filter(id__in=ids).only("id", "email")}


def _link(page: str, text: Any) -> str:
    return format_html('<a class="underline" href="{}">{}</a>', page, text)
