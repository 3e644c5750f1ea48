"""Serializer fields that take exactly the JSON type they stand for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.texts import is_blank
from core.times import format_timestamp, parse_timestamp


class TextField(serializers.CharField):
    """A JSON string; numbers are not turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class VisibleTextField(TextField):
    """In which there is something to see."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if is_blank(text):
            self.fail("blank")
        return text


class BooleanField(serializers.BooleanField):
    """``true`` or ``false``; neither ``1`` nor ``"yes"`` is one."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class ChoiceField(serializers.ChoiceField):
    """One of a few words. The refusal names them: DRF's own quotes the input, which may hold what cannot be written
    as UTF-8.
    """

    def __init__(self, choices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(choices, **kwargs)
        self.error_messages["invalid_choice"] = f"Must be one of {', '.join(map(str, self.choices))}."

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice")
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
