"""What ChatKit asks (PyPI ``openai-chatkit``: ``chatkit.types``): ``{"type", "params", "metadata"}``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from assistant.models import MAX_MESSAGE_LENGTH
from assistant.serializers import ActionIdField, ZoneField, read_conversation_id
from core.rest.fields import ChoiceField, TextField, VisibleTextField

MOST: Final = 100
# The protocol's own.
PAGE: Final = 20
CONFIRM: Final = "todo.confirm"
CANCEL: Final = "todo.cancel"
NO_FILES: Final = "Files are not taken: say it in words."
NOTHING_ASKED: Final = "Nothing of that kind was asked for."
REFUSED: Final = {
    "threads.add_client_tool_output": NOTHING_ASKED,
    "threads.add_structured_input": NOTHING_ASKED,
    "attachments.create": NO_FILES,
    "attachments.delete": NO_FILES,
    "input.transcribe": "Speech is not taken: say it in words.",
}


class InputSerializer(serializers.Serializer[Any]):
    """What a person typed."""

    content = serializers.ListField(child=serializers.DictField(), allow_empty=False)
    attachments = serializers.ListField(required=False, allow_null=True)

    def validate_content(self, parts: list[dict[str, Any]]) -> str:
        texts = [part.get("text") for part in parts if part.get("type") in ("input_text", "input_tag")]
        words = texts[0] if len(texts) == 1 else " ".join(map(str, texts))
        return str(VisibleTextField(max_length=MAX_MESSAGE_LENGTH).run_validation(words))

    def validate_attachments(self, attachments: list[Any] | None) -> None:
        if attachments:
            raise ValidationError(NO_FILES)


class ThreadSerializer(serializers.Serializer[Any]):
    thread_id = TextField()


class CreateSerializer(serializers.Serializer[Any]):
    input = InputSerializer()


class AddSerializer(ThreadSerializer):
    input = InputSerializer()


class RenameSerializer(ThreadSerializer):
    title = VisibleTextField(max_length=MAX_MESSAGE_LENGTH)


class PageSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    order = ChoiceField(["asc", "desc"], required=False)
    after = TextField(required=False, allow_null=True)

    def validate_limit(self, limit: int | None) -> int | None:
        return limit and min(limit, MOST)


class ItemsSerializer(PageSerializer, ThreadSerializer):
    pass


class ItemSerializer(ThreadSerializer):
    item_id = TextField()


class FeedbackSerializer(ThreadSerializer):
    item_ids = serializers.ListField(child=TextField())
    kind = ChoiceField(["positive", "negative"])


class PayloadSerializer(serializers.Serializer[Any]):
    action_id = ActionIdField()


class ActionSerializer(serializers.Serializer[Any]):
    type = ChoiceField([CONFIRM, CANCEL])
    payload = PayloadSerializer()


class CustomActionSerializer(ThreadSerializer):
    item_id = TextField(required=False, allow_null=True)
    action = ActionSerializer()


PARAMS: Final[Mapping[str, type[serializers.Serializer[Any]]]] = {
    "threads.create": CreateSerializer,
    "threads.add_user_message": AddSerializer,
    "threads.retry_after_item": ItemSerializer,
    "threads.custom_action": CustomActionSerializer,
    "threads.sync_custom_action": CustomActionSerializer,
    "threads.get_by_id": ThreadSerializer,
    "threads.list": PageSerializer,
    "threads.update": RenameSerializer,
    "threads.delete": ThreadSerializer,
    "items.list": ItemsSerializer,
    "items.feedback": FeedbackSerializer,
}


class ChatKitSerializer(serializers.Serializer[Any]):
    type = ChoiceField([*PARAMS, *REFUSED])
    params = serializers.DictField(required=False)
    metadata = serializers.DictField(required=False, help_text="`timezone` is looked at: for dates in words.")


@dataclass(frozen=True, slots=True)
class Asked:
    type: str
    params: Mapping[str, Any]
    zone: tzinfo

    @property
    def thread(self) -> int:
        """Raises ``NotFound``: no thread has an id that is no number."""
        return read_conversation_id(self.params["thread_id"])


def read(body: Mapping[str, Any]) -> Asked:
    """Raises ``ValidationError``."""
    serializer = ChatKitSerializer(data=body)
    serializer.is_valid(raise_exception=True)
    fields = serializer.validated_data
    kind = fields["type"]
    if kind in REFUSED:
        raise ValidationError({"type": [REFUSED[kind]]}, code="invalid")
    params = PARAMS[kind](data=fields.get("params", {}))
    if not params.is_valid():
        raise ValidationError({"params": params.errors})
    zone = fields.get("metadata", {}).get("timezone")
    return Asked(kind, params.validated_data, UTC if zone is None else ZoneField().to_internal_value(zone))
