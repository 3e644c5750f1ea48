import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC
from typing import Any, Final

import orjson
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.authentication import caller
from accounts.middleware import report
from accounts.models import User
from accounts.permissions import CONVERSATIONS, TALK, IsPathOwner
from assistant import openapi as described
from assistant import services
from assistant.models import Conversation
from assistant.providers.base import ChatProvider
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.providers.choosing import configured
from assistant.serializers import (
    ChatSerializer,
    ConfirmSerializer,
    ConversationSerializer,
    TurnSerializer,
    WholeConversationSerializer,
    read_conversation_id,
    represent_turn,
)
from assistant.services import Said
from assistant.streams import EventStreamRenderer, stream
from assistant.turn.audience import NOBODY, Audience
from assistant.turn.endings import Turn
from assistant.turn.seats import seat
from core.deleted_owners import stored_for
from core.idempotency import claims
from core.idempotency.claims import KeptAnswer
from core.idempotency.endpoints import read_call, replayed
from core.ids import parse_uuid
from core.rest.openapi.declaring import IDEMPOTENT, operation
from core.rest.pagination import KeysetPagination
from core.rest.parameters import bad_parameter, single
from core.rest.views import validated
from tasks import openapi

CHAT: Final = """\
Changes take effect together, at the end of the turn. A deletion that the message does not name, and a change of more
than five tasks, waits as `pending_action` until the next message says yes, or `confirm` does.

With `Accept: text/event-stream` the same turn comes as server-sent events: `message` with a `delta` of the response,
`tool_call` once its result is final, `done` with the whole answer; or `error` with a problem, where the turn failed
after its first event. Comments keep a silent stream alive.
"""
REPLAYED: Final = {"Idempotency-Replayed": "true"}
BEFORE: Final = OpenApiParameter(
    "before", OpenApiTypes.UUID, description="A message's id: those before it. Without it the newest 100."
)
BAD_BEFORE: Final = {422: ("invalid",)}
BUILTIN: Final = BuiltinProvider()


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
        request=ChatSerializer,
        responses={(200, "application/json"): TurnSerializer, (200, "text/event-stream"): described.STREAM},
        refuses=[described.TALK, IDEMPOTENT],
        headers={200: ("Idempotency-Replayed?", "Cache-Control?")},
        examples=described.SAYINGS,
    )
    def post(self, request: Request, user_id: str) -> HttpResponseBase:
        call = read_call(request)
        said = _said(validated(ChatSerializer, request))
        with stored_for(user_id):
            claimed = claims.claim(call) if call else None
        is_stream = isinstance(request.accepted_renderer, EventStreamRenderer)
        if isinstance(claimed, KeptAnswer):
            return Response(orjson.loads(claimed.content), headers=REPLAYED) if is_stream else replayed(claimed)
        with _given_up_on_failure(user_id, claimed):
            report(request, limits.admit_chat(user_id))
        turn = _RequestedTurn(caller(request), said, claimed)
        return stream(request, turn.run) if is_stream else Response(turn.run())


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
        return Conversation.objects.filter(user_id=self.kwargs["user_id"])

    def filters(self) -> dict[str, Any]:
        return {"user_id": self.kwargs["user_id"]}

    @operation(
        "List the conversations",
        description="Newest first, without their messages.",
        tags=["chat"],
        operation_id="conversations_list",
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
        conversation = services.find_conversation(caller(request), read_conversation_id(conversation_id))
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
        example=described.ACTION,
    )
    def post(self, request: Request, user_id: str, conversation_id: str) -> Response:
        conversation = services.find_conversation(caller(request), read_conversation_id(conversation_id))
        action_id = validated(ConfirmSerializer, request)["action_id"]
        return Response(represent_turn(services.confirm_action(caller(request), conversation, action_id)))


class _RequestedTurn:
    """One turn of this request, run by whichever thread."""

    def __init__(self, user: User, said: Said, claimed: uuid.UUID | None) -> None:
        self._user, self._said, self._claimed = user, said, claimed

    def run(self, audience: Audience = NOBODY) -> dict[str, Any]:
        provider: ChatProvider = configured() or BUILTIN
        waits = seat() if provider.is_remote else nullcontext()
        with _given_up_on_failure(self._user.id, self._claimed), waits:
            turn = services.run_turn(self._user, self._said, provider, audience=audience, finish=self._keep)
        return represent_turn(turn)

    def _keep(self, turn: Turn) -> None:
        if self._claimed:
            claims.keep(self._user.id, self._claimed, KeptAnswer(200, orjson.dumps(represent_turn(turn))))


@contextmanager
def _given_up_on_failure(user_id: str, claimed: uuid.UUID | None) -> Iterator[None]:
    """What did not succeed may be tried again with the same ``Idempotency-Key``."""
    try:
        yield
    except BaseException:
        if claimed:
            claims.give_up(user_id, claimed)
        raise


def _said(body: Mapping[str, Any]) -> Said:
    return Said(body["message"], body.get("conversation_id"), body.get("timezone") or UTC)


def read_before(request: Request) -> uuid.UUID | None:
    text = single(request.query_params, "before")
    before = None if text is None else parse_uuid(text)
    if text is not None and before is None:
        raise bad_parameter("before", "Must be the id of a message.")
    return before
