from typing import Any

from rest_framework import serializers

from accounts.fields import BooleanField, TextField, TimestampField
from tasks.models import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH, Task


class TaskSerializer(serializers.ModelSerializer[Task]):
    user_id = serializers.CharField(read_only=True)
    title = TextField(max_length=MAX_TITLE_LENGTH, help_text="Without the white space around it.")
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
    created_at = TimestampField(read_only=True)
    updated_at = TimestampField(read_only=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "user_id",
            "title",
            "description",
            "completed",
            "is_completed",
            "completed_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("id",)

    def validate_description(self, value: str | None) -> str | None:
        return value if value and not value.isspace() else None

    def to_internal_value(self, data: Any) -> Any:
        refuse_contradiction(data)
        return super().to_internal_value(data)


class CompletionSerializer(serializers.Serializer[Any]):
    """The body of ``/complete``: either name, or neither."""

    completed = BooleanField(required=False)
    is_completed = BooleanField(source="completed", required=False)

    def to_internal_value(self, data: Any) -> Any:
        refuse_contradiction(data)
        return super().to_internal_value(data)


def refuse_contradiction(data: Any) -> None:
    """``completed`` and ``is_completed`` are one fact under two names."""
    values = [data[name] for name in ("completed", "is_completed") if isinstance(data.get(name), bool)]
    if len(set(values)) > 1:
        raise serializers.ValidationError({"is_completed": ["Must be the same as completed."]}, code="contradiction")
