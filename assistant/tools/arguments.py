"""The arguments of a tool call, which whoever made it may have got wrong: then what reads them raises
``ValidationError``.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import orjson
from rest_framework.exceptions import ValidationError

from assistant.tools.results import Arguments
from assistant.tools.texts import scrub
from core.errors import Invalid

# Longer than any sensible call: title, description and tags at their longest are 3,000 characters.
MAX_ARGUMENTS_LENGTH: Final = 16_000


def parse_arguments(text: str) -> Arguments:
    """Raises ``Invalid`` for what is no JSON object."""
    if len(text) > MAX_ARGUMENTS_LENGTH:
        raise Invalid("invalid_arguments", f"The arguments are longer than {MAX_ARGUMENTS_LENGTH} characters.")
    try:
        arguments = scrub(json.loads(text or "{}"))
        # What is nested too deeply, or a number too large, could not be told to the client.
        orjson.dumps(arguments)
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("invalid_arguments", "The arguments are not valid JSON.") from error
    if not isinstance(arguments, dict):
        raise Invalid("invalid_arguments", "The arguments must be a JSON object.")
    return arguments


def only(arguments: Arguments, names: Sequence[str]) -> dict[str, Any]:
    return {name: arguments[name] for name in names if name in arguments}


def read_text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValidationError({name: ["Must be a text."]})
    return value


def read_reference(arguments: Arguments) -> str:
    """Of a task."""
    reference = arguments.get("task")
    if not isinstance(reference, str | int) or isinstance(reference, bool) or reference == "":
        raise ValidationError({"task": ["Say which task: its id, its number or words of its title."]})
    return str(reference)
