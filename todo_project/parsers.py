import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser


class StrictJSONParser(BaseParser):
    """RFC 8259 in UTF-8, with an object at the top; an empty body counts as ``{}``.

    Raises ``ParseError`` (400) for what is no JSON, ``ValidationError`` (422) for what is no object.
    The standard library's parser rather than orjson's: a lone surrogate must reach the field, whose
    error then names it.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            body = stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError("The body is not valid UTF-8.", code="malformed_encoding") from error
        if not body:
            return {}
        try:
            data = json.loads(body, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.", code="nesting_too_deep") from error
        except ValueError as error:
            raise ParseError("The body is not valid JSON.", code="malformed_json") from error
        if not isinstance(data, dict):
            raise ValidationError("The body must be a JSON object.", code="not_an_object")
        return data


def _refuse_constant(name: str) -> NoReturn:
    """NaN and the infinities, which RFC 8259 does not have."""
    raise ValueError(name)
