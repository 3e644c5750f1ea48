import uuid
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.ids import parse_uuid
from core.rest.fields import BooleanField, ChoiceField, TextField, TimestampField, VisibleTextField
from core.texts import is_blank
from tasks.edits import FLIPPED
from tasks.models import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH, Priority, Task
from tasks.representation import FIELDS, represent
from tasks.services import task_not_found
from tasks.tags import MAX_TAG_LENGTH, MAX_TAGS, is_tag, merge_tags


class FixedFields(serializers.Serializer[Any]):
    """A serializer whose fields stay as they are, so that it need not look through them for each body."""

    @cached_property
    def _writable_fields(self) -> list[Any]:
        return [field for field in self.fields.values() if not field.read_only]

    def run_validators(self, value: Any) -> None:
        if self.validators:
            super().run_validators(value)


class PriorityField(ChoiceField):
    """The label outside, the number inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Priority.labels, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return Priority[super().to_internal_value(data).upper()]


class TagListField(serializers.ListField):
    """One message for the whole list, named after it: a client shows it beside one input."""

    child = serializers.CharField(max_length=MAX_TAG_LENGTH)
    default_error_messages = {
        "invalid": f"Must be a list of at most {MAX_TAGS} words of 1 to {MAX_TAG_LENGTH} characters."
    }

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list) or not all(isinstance(tag, str) for tag in data):
            self.fail("invalid")
        tags = merge_tags(tag.strip() for tag in data)
        if len(tags) > MAX_TAGS or not all(is_tag(tag) for tag in tags):
            self.fail("invalid")
        return tags


class TaskSerializer(FixedFields, serializers.ModelSerializer[Task]):
    """Reads what comes in; what goes out is ``tasks.representation``'s."""

    user_id = serializers.CharField(read_only=True)
    title = VisibleTextField(max_length=MAX_TITLE_LENGTH, help_text="Without the white space around it.")
    description = TextField(
        max_length=MAX_DESCRIPTION_LENGTH,
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        help_text="An empty one is stored as null.",
    )
    completed = BooleanField(required=False)
    is_completed = BooleanField(source="completed", required=False, help_text="The same as `completed`.")
    completed_at = TimestampField(read_only=True, allow_null=True)
    priority = PriorityField(required=False, help_text="`medium` where nothing is sent at creation.")
    due_at = TimestampField(required=False, allow_null=True, help_text="With any offset; answered in UTC.")
    tags = TagListField(
        required=False,
        max_length=MAX_TAGS,
        help_text=f"At most {MAX_TAGS} words, compared without case: of duplicates the first stays.",
    )
    created_at = TimestampField(read_only=True)
    updated_at = TimestampField(read_only=True)

    class Meta:
        model = Task
        fields = tuple(name for name, _, _ in FIELDS)
        read_only_fields = ("id",)

    def validate_description(self, value: str | None) -> str | None:
        return None if is_blank(value or "") else value

    def to_internal_value(self, data: Any) -> Any:
        refuse_contradiction(data)
        return super().to_internal_value(data)

    def to_representation(self, instance: Task) -> dict[str, Any]:
        return represent(instance)


class CompletionSerializer(FixedFields):
    """The body of ``/complete``: either name, or neither."""

    completed = BooleanField(required=False)
    is_completed = BooleanField(source="completed", required=False)

    def to_internal_value(self, data: Any) -> Any:
        refuse_contradiction(data)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs or {"completed": FLIPPED if settings.COMPLETE_WITHOUT_BODY == "toggle" else True}


def refuse_contradiction(data: Any) -> None:
    """``completed`` and ``is_completed`` are one fact under two names."""
    values = [data[name] for name in ("completed", "is_completed") if isinstance(data.get(name), bool)]
    if len(set(values)) > 1:
        raise serializers.ValidationError({"is_completed": ["Must be the same as completed."]}, code="contradiction")


def read_draft(data: Any) -> dict[str, Any]:
    """The fields of a task to create. Raises ``ValidationError``."""
    return dict(_made(TaskSerializer, False).run_validation(data))


def read_changes(data: Any, serializer_class: type[FixedFields] = TaskSerializer) -> dict[str, Any]:
    """The fields to change. Raises ``ValidationError``."""
    return dict(_made(serializer_class, True).run_validation(data))


def read_task_id(text: str) -> uuid.UUID:
    """Raises ``NotFound``: no task has an id that is no UUID."""
    task_id = parse_uuid(text)
    if task_id is None:
        raise task_not_found()
    return task_id


@cache
def _made(serializer_class: type[FixedFields], partial: bool) -> FixedFields:
    """Making one costs more than using it; reading leaves nothing behind in it."""
    return serializer_class(partial=partial)
