"""Other ways to the assistant's conversations."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.permissions import CONVERSATIONS, IsPathOwner
from assistant import openapi, services
from assistant.models import TITLE_LENGTH, Conversation, Message
from assistant.serializers import WholeConversationSerializer, read_conversation_id
from assistant.turn.beginnings import find_conversation, open_conversation
from assistant.turn.endings import conversation_not_found
from assistant.views import BAD_BEFORE, BEFORE, ConversationsView, read_before
from core.rest.fields import TextField
from core.rest.openapi.declaring import operation
from core.rest.views import validated
from todo_project.family import answers, shapes

UNTITLED = "New conversation"
COUNTED = {200: ("X-Count?",)}


class DraftSerializer(serializers.Serializer[Any]):
    title = TextField(max_length=TITLE_LENGTH, required=False, allow_null=True, allow_blank=True)


class Conversations(ConversationsView):
    pagination_class = shapes.ConversationList

    @operation(
        "Open a conversation",
        description="In which nothing has been said yet. A message without a `conversation_id` opens one too.",
        tags=["chat"],
        operation_id="conversations_create",
        request=DraftSerializer,
        responses={201: WholeConversationSerializer},
        refuses={409: ("quota_exceeded",)},
        example={"title": "Groceries"},
    )
    def post(self, request: Request, user_id: str) -> Response:
        title = validated(DraftSerializer, request).get("title") or UNTITLED
        opened = open_conversation(caller(request), title)
        whole = services.read_conversation(opened, None)
        return Response(WholeConversationSerializer(whole).data, status.HTTP_201_CREATED)


class MessagesView(APIView):
    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = CONVERSATIONS

    @operation(
        "List a conversation's messages",
        description="The newest, oldest of them first, in the shape of a list of tasks.",
        tags=["chat"],
        operation_id="conversations_messages",
        parameters=[BEFORE],
        responses=OpenApiResponse({"$ref": "#/components/schemas/MessageList"}),
        refuses=[openapi.MISSING, BAD_BEFORE],
        headers=COUNTED,
    )
    def get(self, request: Request, user_id: str, conversation_id: str) -> Response:
        conversation = find_conversation(caller(request), read_conversation_id(conversation_id))
        return _listed(request, conversation)


class HistoryView(APIView):
    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = CONVERSATIONS

    @operation(
        "List the newest conversation's messages",
        description="`404` while there is none.",
        tags=["chat"],
        operation_id="conversations_history",
        parameters=[BEFORE],
        responses=OpenApiResponse({"$ref": "#/components/schemas/MessageList"}),
        refuses=[openapi.MISSING, BAD_BEFORE],
        headers=COUNTED,
    )
    def get(self, request: Request, user_id: str) -> Response:
        newest = Conversation.objects.filter(user_id=caller(request).id).order_by("-id").first()
        if newest is None:
            raise conversation_not_found()
        return _listed(request, newest)


def _listed(request: Request, conversation: Conversation) -> Response:
    whole = services.read_conversation(conversation, read_before(request))
    rows = [answers.message(row) for row in WholeConversationSerializer(whole).data["messages"]]
    total = Message.objects.filter(user_id=conversation.user_id, conversation_id=conversation.id).count()
    pages = shapes.MessageList(total)
    size, _ = pages.begin(request, "messages")
    pages.end(None)
    shown = rows[-size:]
    return pages.answer(shown, len(shown))
