"""Serializer fields that take exactly the JSON type they stand for."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from rest_framework import serializers

# RFC 3339, section 5.6. Without an offset an instant is anybody's guess.
TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


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


def parse_timestamp(text: str) -> datetime:
    """Raises ``ValueError`` for what is no RFC 3339, or no instant of the years 1 to 9999 in UTC."""
    if not TIMESTAMP.fullmatch(text):
        raise ValueError("no RFC 3339 timestamp")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


def format_timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
