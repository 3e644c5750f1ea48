import re
from typing import Final

from django.urls import register_converter
from django.urls.converters import StringConverter

# What stands where a user id does in some path of ours, or in one that is understood as another.
RESERVED: Final = "admin|auth|tasks|chat|conversations|users|v1|register|signup|login|signin"


class UserIdConverter(StringConverter):
    """One path segment, but not those of our own endpoints beside it."""

    # "$", not "\Z": the pattern stands in the OpenAPI document, where it is JavaScript's.
    regex = rf"(?!(?:{RESERVED})(?:/|$))[^/]+"


register_converter(UserIdConverter, "user_id")

# What every path of a person begins with.
USER: Final = "<user_id:user_id>"


# Contract: also not a path segment of our own, and nothing a URL would fold away.
USER_ID: Final = re.compile(rf"(?!(?:\.{{1,2}}|{RESERVED})\Z)[A-Za-z0-9._|@:+=~-]{{1,128}}\Z")
