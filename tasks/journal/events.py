"""``GET /api/{user_id}/events``: that something has changed, as it happens."""

import secrets
from typing import Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import presented
from accounts.permissions import TASKS, IsPathOwner
from core.rest.events import HEADERS, MEDIA_TYPE, ROOM, OpenAnswer, Room
from core.rest.openapi.declaring import operation
from core.rest.views import ProvenRefusals
from tasks.journal import live, openapi

# After what time a client comes again; not all at once, where a server has left.
RETRY_MS: Final = range(1000, 3000)


class EventsRenderer(BaseRenderer):
    """Says what kind of answer there is; problems are written by ``core.rest.problems``."""

    media_type = MEDIA_TYPE
    format = "event-stream"
    charset = None


class EventsView(ProvenRefusals, APIView):
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS
    renderer_classes = (EventsRenderer,)

    @operation(
        "Hear of changes as they happen",
        tags=["tasks"],
        operation_id="events",
        description=(
            "Server-sent events: a `change` says that there is something after the number you know, which "
            "`GET /api/{user_id}/changes` then tells. The first comes at once, unless `Last-Event-ID` is the number "
            "of the last change; several changes may come as one. The stream ends with the token, session or "
            "server that it was opened by; open it anew then, after `retry` milliseconds."
        ),
        parameters=[openapi.LAST_EVENT_ID],
        responses={(200, MEDIA_TYPE): openapi.EVENTS},
        refuses=openapi.NO_ROOM,
        headers={200: ("Cache-Control",)},
    )
    def get(self, request: Request, user_id: str) -> HttpResponseBase:
        room: Room | None = request.META.get(ROOM)
        if room:
            room.check(user_id)
        version = live.read_version(user_id)
        known = request.headers.get("Last-Event-ID") == str(version)
        first = b"retry: %d\n\n%b" % (secrets.choice(RETRY_MS), b"" if known else live.write(version))
        if room and request.method == "GET":
            return OpenAnswer(first, live.Listener(presented(request).lasting, version))
        # Where nobody keeps an answer open the client comes again.
        return HttpResponse(first, content_type=MEDIA_TYPE, headers=HEADERS)
