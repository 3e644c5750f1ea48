from typing import Any

from rest_framework import serializers

from core.rest.fields import TextField, TimestampField
from tasks.models import Via


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """For the OpenAPI document; ``tasks.journal.history`` writes what goes out."""

    version = serializers.IntegerField(min_value=0, help_text="Its number among all changes of the owner's tasks.")
    at = TimestampField()
    by = serializers.CharField(allow_null=True, help_text="The user's id; null: whoever runs the service.")
    via = serializers.ChoiceField(Via.labels, help_text="The door that it came in by.")
    changes = serializers.DictField(
        child=serializers.ListField(min_length=2, max_length=2),
        help_text="Each field that is another, before and after; `deleted_at` for the trash.",
    )


class UndoSerializer(serializers.Serializer[Any]):
    undo = TextField(max_length=200, help_text="The `X-Undo` of the answer that is to be taken back.")
