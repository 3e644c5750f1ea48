"""ChatKit's one endpoint, as its self-hosted backends have it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import orjson
from django.http.response import HttpResponseBase
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import User
from accounts.permissions import TALK, IsPathOwner
from assistant import asked, services
from assistant import openapi as described
from assistant.doors.chatkit import items, requests, turns
from assistant.doors.chatkit.items import Page
from assistant.doors.chatkit.requests import PAGE, Asked, ChatKitSerializer
from assistant.streams import EventStreamRenderer
from assistant.turn.beginnings import find_conversation
from core.idempotency.claims import Call, KeptAnswer
from core.idempotency.endpoints import read_call
from core.rest.openapi.declaring import IDEMPOTENT, operation
from tasks import openapi

STREAMED: Final = frozenset(
    {"threads.create", "threads.add_user_message", "threads.retry_after_item", "threads.custom_action"}
)
OBJECT: Final = {
    "type": "object",
    "description": "A thread, a page, or what was asked for.",
    "additionalProperties": {},
}
CHATKIT: Final = """\
The protocol of the Python package `openai-chatkit`, with its names for everything. A thread is a conversation, and its
id the conversation's. What would be a `pending_action` is a widget with two buttons. `threads.create`,
`threads.add_user_message`, `threads.retry_after_item` and `threads.custom_action` are answered by server-sent events,
the others by JSON, whatever `Accept` says. Files and speech are not taken.
"""


class ChatKitView(APIView):
    """The assistant of the user in the path, who must be the caller."""

    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = TALK
    renderer_classes = (*APIView.renderer_classes, EventStreamRenderer)

    @operation(
        "Answer whatever ChatKit asks",
        tags=["chat"],
        operation_id="chatkit",
        description=CHATKIT,
        parameters=openapi.CREATE,
        request=ChatKitSerializer,
        responses={(200, "application/json"): OBJECT, (200, "text/event-stream"): described.THREAD_STREAM},
        refuses=[described.TALK, IDEMPOTENT],
        headers={200: ("Idempotency-Replayed?", "Cache-Control?")},
        example={"type": "threads.list", "params": {"limit": 10, "order": "desc"}},
    )
    def post(self, request: Request, user_id: str) -> HttpResponseBase:
        call = read_call(request)
        asked_for = requests.read(cast("Mapping[str, Any]", request.data))
        if asked_for.type in STREAMED:
            return turns.answer(request, call, asked_for)
        # Of JSON, whatever else was asked for.
        request.accepted_renderer, request.accepted_media_type = self.get_renderers()[0], "application/json"
        if asked_for.type == "threads.sync_custom_action":
            return _decide(request, call, asked_for)
        return Response(ANSWERS[asked_for.type](caller(request), asked_for))


def _decide(request: Request, call: Call | None, asked_for: Asked) -> Response:
    thread = find_conversation(caller(request), asked_for.thread)
    decision = turns.decision_of(asked_for)
    admitted = asked.admit(request, call)
    if isinstance(admitted, KeptAnswer):
        turn = orjson.loads(admitted.content)
    else:
        turn = admitted.run(lambda audience, finish: services.decide(admitted.user, thread, decision, finish=finish))
    created_at = turn["message"]["created_at"]
    shown = items.show_card(str(decision.action_id), turn["response"], thread.id, created_at)
    headers = asked.REPLAYED if isinstance(admitted, KeptAnswer) else {}
    return Response({"updated_item": shown}, headers=headers)


def _get(user: User, asked_for: Asked) -> Any:
    thread = find_conversation(user, asked_for.thread)
    return items.show_thread(thread, items.list_items(thread, Page()))


def _list_threads(user: User, asked_for: Asked) -> Any:
    return items.list_threads(user.id, _page(asked_for))


def _list_items(user: User, asked_for: Asked) -> Any:
    return items.list_items(find_conversation(user, asked_for.thread), _page(asked_for))


def _rename(user: User, asked_for: Asked) -> Any:
    services.rename_conversation(user, asked_for.thread, asked_for.params["title"])
    return items.show_thread(find_conversation(user, asked_for.thread))


def _delete(user: User, asked_for: Asked) -> Any:
    services.delete_conversation(user, asked_for.thread)
    return {}


def _feed_back(user: User, asked_for: Asked) -> Any:
    """Heard, and not kept: there is nobody who would read it."""
    find_conversation(user, asked_for.thread)
    return {}


ANSWERS: Final[Mapping[str, Callable[[User, Asked], Any]]] = {
    "threads.get_by_id": _get,
    "threads.list": _list_threads,
    "threads.update": _rename,
    "threads.delete": _delete,
    "items.list": _list_items,
    "items.feedback": _feed_back,
}


def _page(asked_for: Asked) -> Page:
    params = asked_for.params
    return Page(params.get("limit") or PAGE, params.get("order", "desc") == "desc", params.get("after"))
