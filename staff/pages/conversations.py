"""A user's conversations: titles and times for all staff, texts for those who were let read them."""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from accounts import users
from accounts.models import User
from core.errors import NotFound
from staff import acts, reading
from staff.conversations import conversations
from staff.telling import staff_of

AT_ONCE: Final = 100


class ConversationPages:
    def __init__(self, site: AdminSite) -> None:
        self._site = site

    def urls(self) -> list[Any]:
        whole, one = self._site.admin_view(self.list_view), self._site.admin_view(self.read_view)
        return [
            path("<str:object_id>/conversations/", whole, name="accounts_user_conversations"),
            path("<str:object_id>/conversations/<int:talk_id>/", one, name="accounts_user_conversation"),
        ]

    def list_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = _owner(object_id)
        before = request.GET.get("before", "")
        # What no id can be is none: SQLite's integers end.
        before_id = int(before) if before.isdecimal() and len(before) < 17 else None
        found = list(conversations().newest(user.id, limit=AT_ONCE + 1, before=before_id))
        page = found[:AT_ONCE]
        next_id = page[-1].id if len(found) > AT_ONCE else None
        return self._answer(
            request, user, "staff/conversations.html", title="Conversations", talks=page, next_id=next_id
        )

    def read_view(self, request: HttpRequest, object_id: str, talk_id: int) -> HttpResponse:
        """The look is an event, in one transaction with it."""
        user, staff = _owner(object_id), staff_of(request)
        talk = conversations().find(user.id, talk_id) if talk_id < 1 << 53 else None
        if talk is None:
            raise Http404
        try:
            said = reading.read(staff, user.id, talk.id, client=acts.staff_client(request))
        except PermissionDenied:
            return self._answer(request, user, "staff/conversation.html", status=403, title=talk.title, talk=talk)
        return self._answer(request, user, "staff/conversation.html", title=talk.title, talk=talk, said=said)

    def _answer(
        self, request: HttpRequest, owner: User, template: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        shown = {**self._site.each_context(request), "owner": owner, "owner_id": quote(owner.id), **context}
        return TemplateResponse(request, template, shown, status=status)


def _owner(object_id: str) -> User:
    try:
        return users.get_user(unquote(object_id))
    except NotFound as error:
        raise Http404 from error
