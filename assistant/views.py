import uuid
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

import orjson
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.permissions import CONVERSATIONS, TALK, IsPathOwner
from assistant import asked, services
from assistant import openapi as described
from assistant.doors.ai_sdk import door as ai_sdk
from assistant.doors.ai_sdk.body import UIMessagesSerializer
from assistant.models import MAX_NAME_LENGTH, Conversation
from assistant.serializers import (
    ChatSerializer,
    ConfirmSerializer,
    ConversationSerializer,
    TurnSerializer,
    WholeConversationSerializer,
    read_conversation_id,
    represent_turn,
)
from assistant.streams import EventStreamRenderer, stream
from assistant.turn.beginnings import Said, find_conversation
from core.errors import NotFound
from core.idempotency.claims import KeptAnswer
from core.idempotency.endpoints import read_call, replayed
from core.ids import parse_uuid
from core.rest.openapi.declaring import IDEMPOTENT, operation
from core.rest.pagination import KeysetPagination
from core.rest.parameters import bad_parameter, single
from core.rest.views import validated
from tasks import openapi
from tasks.journal.tokens import headers_of

CHAT: Final = """\
Changes take effect together, at the end of the turn. A deletion that the message does not name, and a change of more
than five tasks, waits as `pending_action` until the next message says yes, or `confirm` does.

With `Accept: text/event-stream` the same turn comes as server-sent events: `message` with a `delta` of the response,
`tool_call` once its result is final, `done` with the whole answer; or `error` with a problem, where the turn failed
after its first event. Comments keep a silent stream alive.

A body with `id` and `messages`, as `useChat` of the AI SDK 6 sends it, is answered as its UI-message stream, whatever
`Accept` says. `id` is the client's own name for the conversation. Of the messages only the last is read: a person's
words, or their answers to tool approvals, which is what `pending_action` comes as. `regenerate-message` answers the
last words again; if tasks have changed since, with the answer they had.
"""
SPOKEN: Final = PolymorphicProxySerializer("ChatBody", [ChatSerializer, UIMessagesSerializer], None)
BEFORE: Final = OpenApiParameter(
    "before", OpenApiTypes.UUID, description="A message's id: those before it. Without it the newest 100."
)
BAD_BEFORE: Final = {422: ("invalid",)}
NAMED: Final = OpenApiParameter("name", str, description="The one that a client's own `id` names.")


class ChatView(APIView):
    """The assistant of the user in the path, who must be the caller."""

    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = TALK
    renderer_classes = (*APIView.renderer_classes, EventStreamRenderer)

    @operation(
        "Say something to the assistant",
        tags=["chat"],
        operation_id="chat",
        description=CHAT,
        parameters=openapi.CREATE,
        request=SPOKEN,
        responses={(200, "application/json"): TurnSerializer, (200, "text/event-stream"): described.STREAM},
        refuses=[described.TALK, IDEMPOTENT],
        headers={200: ("X-Undo?", "Idempotency-Replayed?", "Cache-Control?", "x-vercel-ai-ui-message-stream?")},
        examples=described.SAYINGS,
    )
    def post(self, request: Request, user_id: str) -> HttpResponseBase:
        call = read_call(request)
        if ai_sdk.is_spoken(request.data):
            return ai_sdk.answer(request, call)
        said = _said(validated(ChatSerializer, request))
        admitted = asked.admit(request, call)
        is_stream = isinstance(request.accepted_renderer, EventStreamRenderer)
        if isinstance(admitted, KeptAnswer):
            kept = orjson.loads(admitted.content)
            return Response(kept, headers=asked.REPLAYED) if is_stream else replayed(admitted)
        if is_stream:
            return stream(request, lambda line: admitted.speak(said, line))
        return Response(admitted.speak(said), headers=headers_of(admitted.undo))


class ReconnectView(APIView):
    """Where ``useChat`` looks for a stream that it lost. A turn whose client is gone ends, so there is never one."""

    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = CONVERSATIONS

    @operation(
        "Look for a stream that was lost",
        description="There is none to go on with: a turn whose client is gone ends, and changes nothing.",
        tags=["chat"],
        operation_id="chat_reconnect",
        responses={204: None},
        # A line's end is in no path.
        refuses={404: ("conversation_not_found", "not_found")},
    )
    def get(self, request: Request, user_id: str, name: str) -> Response:
        # What no client can have called a conversation.
        if len(name) > MAX_NAME_LENGTH or "\0" in name:
            raise NotFound("conversation_not_found")
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConversationPages(KeysetPagination):
    keys = ("id",)
    noun = "Conversations"


class ConversationsView(generics.ListAPIView[Conversation]):
    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = CONVERSATIONS
    queryset = Conversation.objects.none()
    serializer_class = ConversationSerializer
    pagination_class = ConversationPages

    def get_queryset(self) -> QuerySet[Conversation]:
        return Conversation.objects.filter(**self.filters())

    def filters(self) -> dict[str, Any]:
        name = single(self.request.query_params, "name")
        if name is not None and "\0" in name:
            raise bad_parameter("name", "Must be the id that a client gave a conversation.")
        return {"user_id": self.kwargs["user_id"], **({} if name is None else {"name": name})}

    @operation(
        "List the conversations",
        description="Newest first, without their messages.",
        tags=["chat"],
        operation_id="conversations_list",
        parameters=[NAMED],
        refuses=BAD_BEFORE,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)


class ConversationView(APIView):
    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = CONVERSATIONS

    @operation(
        "Read a conversation",
        description="With its newest messages; `before` leads to earlier ones.",
        tags=["chat"],
        operation_id="conversations_retrieve",
        parameters=[BEFORE],
        responses=WholeConversationSerializer,
        refuses=[described.MISSING, BAD_BEFORE],
    )
    def get(self, request: Request, user_id: str, conversation_id: str) -> Response:
        conversation = find_conversation(caller(request), read_conversation_id(conversation_id))
        whole = services.read_conversation(conversation, read_before(request))
        return Response(WholeConversationSerializer(whole).data)

    @operation(
        "Delete a conversation",
        description="With its messages and what waits in it; the tasks stay.",
        tags=["chat"],
        operation_id="conversations_destroy",
        responses={204: None},
        refuses=described.MISSING,
    )
    def delete(self, request: Request, user_id: str, conversation_id: str) -> Response:
        services.delete_conversation(caller(request), read_conversation_id(conversation_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmView(APIView):
    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = TALK

    @operation(
        "Say yes to what waits",
        description="Runs the changes of a `pending_action`: the same as saying yes to it.",
        tags=["chat"],
        operation_id="conversations_confirm",
        request=ConfirmSerializer,
        responses={200: TurnSerializer},
        refuses=described.CONFIRMED,
        headers={200: ("X-Undo?",)},
        example=described.ACTION,
    )
    def post(self, request: Request, user_id: str, conversation_id: str) -> Response:
        conversation = find_conversation(caller(request), read_conversation_id(conversation_id))
        action_id = validated(ConfirmSerializer, request)["action_id"]
        turn = services.confirm_action(caller(request), conversation, action_id)
        return Response(represent_turn(turn), headers=headers_of(turn.undo))


def _said(body: Mapping[str, Any]) -> Said:
    return Said(body["message"], body.get("conversation_id"), body.get("timezone") or UTC)


def read_before(request: Request) -> uuid.UUID | None:
    text = single(request.query_params, "before")
    before = None if text is None else parse_uuid(text)
    if text is not None and before is None:
        raise bad_parameter("before", "Must be the id of a message.")
    return before
