"""Serializer fields that take exactly the JSON type they stand for."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.times import format_timestamp, parse_timestamp


class TextField(serializers.CharField):
    """A JSON string; numbers are not turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class BooleanField(serializers.BooleanField):
    """``true`` or ``false``; neither ``1`` nor ``"yes"`` is one."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class TimestampField(serializers.DateTimeField):
    """RFC 3339: any offset comes in, UTC goes out, always with microseconds and ``Z``."""

    default_error_messages = {"invalid": "Must be a time with an offset, such as 2026-01-14T10:00:00Z."}

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return parse_timestamp(value)
        except (TypeError, ValueError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return format_timestamp(value)
