"""What comes in and goes out, and what the OpenAPI document says of it."""

import re
import uuid
import zoneinfo
from functools import cache
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assistant import openapi
from assistant.models import MAX_MESSAGE_LENGTH, Message, PendingAction
from assistant.turn.endings import Turn, conversation_not_found
from core.rest.fields import TimestampField, VisibleTextField

# As long as a number in JSON may be: one that no conversation can have is unknown, not nonsense.
DECIMAL: Final = re.compile(r"-?[0-9]{1,4300}", re.ASCII)


# What some systems keep beside the zones: the machine's own, and the lack of one.
NO_ZONES: Final = frozenset({"localtime", "Factory"})


# What browsers and ICU say where they cannot tell.
UNKNOWN_ZONE: Final = "etc/unknown"


@cache
def _zone_names() -> set[str]:
    return zoneinfo.available_timezones() - NO_ZONES


@extend_schema_field({"type": ["integer", "string"], "pattern": "^[0-9]+$", "examples": [1234567890123]})
class ConversationIdField(serializers.Field[int, Any, int, Any]):
    """An integer or its decimal string."""

    default_error_messages = {"invalid": "Must be a conversation's id, a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int | str) or not DECIMAL.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "string", "examples": ["Europe/Rome"]})
class ZoneField(serializers.Field[zoneinfo.ZoneInfo, Any, str, Any]):
    """The name of a zone in the IANA time zone database."""

    default_error_messages = {"invalid": "Must be an IANA time zone, such as Europe/Rome."}

    def to_internal_value(self, data: Any) -> zoneinfo.ZoneInfo:
        if isinstance(data, str) and data.lower() == UNKNOWN_ZONE:
            return zoneinfo.ZoneInfo("UTC")
        if not isinstance(data, str) or data not in _zone_names():
            self.fail("invalid")
        return zoneinfo.ZoneInfo(data)

    def to_representation(self, value: zoneinfo.ZoneInfo) -> str:
        return value.key


class ChatSerializer(serializers.Serializer[Any]):
    conversation_id = ConversationIdField(required=False, allow_null=True, help_text="Without it a new one begins.")
    message = VisibleTextField(max_length=MAX_MESSAGE_LENGTH)
    timezone = ZoneField(required=False, allow_null=True, help_text="For dates in words; UTC without it.")


class ActionIdField(serializers.UUIDField):
    """DRF's own takes any integer for one, and quotes what is none."""

    default_error_messages = {"invalid": "Must be the id of a pending action."}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ConfirmSerializer(serializers.Serializer[Any]):
    action_id = ActionIdField()


@extend_schema_field(openapi.TOOL_CALL)
class ToolCallField(serializers.DictField):
    pass


class PendingActionSerializer(serializers.Serializer[PendingAction]):
    id = serializers.UUIDField()
    summary = serializers.CharField()
    expires_at = TimestampField()


class SaidSerializer(serializers.Serializer[Message]):
    id = serializers.UUIDField()
    role = serializers.ChoiceField(["user", "assistant"])
    content = serializers.CharField()
    created_at = TimestampField()


class TurnSerializer(serializers.Serializer[Any]):
    conversation_id = serializers.IntegerField()
    response = serializers.CharField()
    tool_calls = serializers.ListField(child=ToolCallField())
    pending_action = PendingActionSerializer(allow_null=True)
    message = SaidSerializer()


class ConversationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    created_at = TimestampField()
    updated_at = TimestampField()


class ChatMessageSerializer(serializers.Serializer[Message]):
    id = serializers.UUIDField()
    role = serializers.ChoiceField(["user", "assistant"])
    content = serializers.CharField()
    tool_calls = serializers.ListField(child=ToolCallField())
    created_at = TimestampField()


class WholeConversationSerializer(ConversationSerializer):
    messages = ChatMessageSerializer(many=True, help_text="The newest, oldest of them first.")
    pending_action = PendingActionSerializer(allow_null=True)


def represent_turn(turn: Turn) -> dict[str, Any]:
    return {
        "conversation_id": turn.conversation_id,
        "response": turn.response,
        "tool_calls": [step.represent() for step in turn.steps],
        "pending_action": turn.pending_action and PendingActionSerializer(turn.pending_action).data,
        "message": SaidSerializer(turn.message).data,
    }


def read_conversation_id(text: str) -> int:
    """Of a path. Raises ``NotFound``: no conversation has an id that is no number."""
    if not DECIMAL.fullmatch(text):
        raise conversation_not_found()
    return int(text)
