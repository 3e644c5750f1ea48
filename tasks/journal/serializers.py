from typing import Any

from rest_framework import serializers

from core.rest.fields import TextField


class UndoSerializer(serializers.Serializer[Any]):
    undo = TextField(max_length=200, help_text="The `X-Undo` of the answer that is to be taken back.")
