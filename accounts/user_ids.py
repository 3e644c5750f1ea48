import re
from typing import Final

from django.urls import register_converter
from django.urls.converters import StringConverter


class UserIdConverter(StringConverter):
    """One path segment, but not those of our own endpoints beside it."""

    # "$", not "\Z": the pattern stands in the OpenAPI document, where it is JavaScript's.
    regex = r"(?!(?:admin|auth)(?:/|$))[^/]+"


register_converter(UserIdConverter, "user_id")

# What every path of a person begins with.
USER: Final = "<user_id:user_id>"


# Contract: also not a path segment of our own, and nothing a URL would fold away.
USER_ID: Final = re.compile(r"(?!(?:\.{1,2}|admin|auth)\Z)[A-Za-z0-9._|@:+=~-]{1,128}\Z")
