import json
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import IO, Any, Final, NoReturn

import orjson
from django.http import HttpResponse
from rest_framework.exceptions import NotAcceptable, UnsupportedMediaType
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.errors import Invalid, Malformed

# What deeper values meet on their way in and out recurses, and how far that goes depends on Python and on who calls.
MAX_NESTING: Final = 100
Q: Final = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")


def _refuse_constant(name: str) -> NoReturn:
    """NaN and the infinities, which RFC 8259 does not have."""
    raise ValueError(name)


# The standard library makes one for each text that is to be read in another way than its own.
DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def read_json(stream: IO[bytes]) -> Any:
    """RFC 8259 in UTF-8; nothing at all counts as ``{}``. Raises ``Malformed``."""
    try:
        body = stream.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("malformed_encoding") from error
    try:
        found = DECODER.decode(body) if body else {}
    except RecursionError as error:
        raise Malformed("nesting_too_deep") from error
    except ValueError as error:
        raise Malformed("malformed_json") from error
    # Most bodies have no room for more.
    if body.count("[") + body.count("{") > MAX_NESTING and _is_deep(found):
        raise Malformed("nesting_too_deep")
    return found


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(MAX_NESTING):
        inside = chain.from_iterable(value.values() if isinstance(value, dict) else value for value in level)
        level = [value for value in inside if isinstance(value, dict | list)]
    return bool(level)


class StrictJSONParser(BaseParser):
    """RFC 8259 in UTF-8, with an object at the top; an empty body counts as ``{}``.

    Raises ``Malformed`` (400) for what is no JSON, ``Invalid`` (422) for what is no object.
    The standard library's parser rather than orjson's: a lone surrogate must reach the field, whose
    error then names it.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        data = read_json(stream)
        if not isinstance(data, dict):
            raise Invalid("not_an_object")
        return data


class MergePatchParser(StrictJSONParser):
    """RFC 7396, which every ``PATCH`` here is: null clears a field, one that is not sent stays as it is."""

    media_type = "application/merge-patch+json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        request: Request = (parser_context or {})["request"]
        if request.method != "PATCH":
            raise UnsupportedMediaType(self.media_type)
        return super().parse(stream, media_type, parser_context)


# RFC 5789, section 3.1.
ACCEPT_PATCH: Final = f"{StrictJSONParser.media_type}, {MergePatchParser.media_type}"


class JSONRenderer(BaseRenderer):
    """orjson, so that times and texts are written as PostgreSQL's JSON functions write them."""

    media_type = "application/json"
    format = "json"
    # RFC 8259: JSON has no charset parameter.
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        body = b"" if data is None else orjson.dumps(data)
        _let_go(renderer_context or {})
        return body


def _let_go(context: Mapping[str, Any]) -> None:
    """Undoes the ring of view, response and this context, in which each answer's bytes would stay until
    the garbage collector comes by. Nobody looks at them after the rendering.
    """
    view = context.get("view")
    if view is not None:
        view.response = None
    if isinstance(context, dict):
        context.clear()


def written(content: bytes, status: int = 200, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer whose JSON is there, of a view that gives nothing else: there is nothing to choose or render late."""
    return HttpResponse(content, status=status, headers=headers, content_type=JSONRenderer.media_type)


class WeighedNegotiation(DefaultContentNegotiation):
    """By ``q``, which DRF's own leaves out of account (RFC 9110, section 12.5.1)."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        offered = list(parsers)
        same = (parser for parser in offered if parser.media_type == request.content_type)
        return next(same, None) or super().select_parser(request, offered)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        offered = list(renderers)
        accept = request.META.get("HTTP_ACCEPT") or "*/*"
        # Nearly all ask for anything, or for what the view gives anyway.
        if accept in ("*/*", offered[0].media_type):
            return offered[0], offered[0].media_type
        ranges = [_range(word) for word in accept.split(",")]
        # Of equals the view's first.
        weights = [_weight(ranges, renderer.media_type) for renderer in offered]
        best = max(weights)
        if best[0] == 0:
            raise NotAcceptable(available_renderers=offered)
        chosen = offered[weights.index(best)]
        return chosen, chosen.media_type


def _range(word: str) -> tuple[str, float]:
    """A media range and its weight; other parameters are as good as none to JSON."""
    name, *parameters = (part.strip().lower() for part in word.split(";"))
    weights = [Q.fullmatch(parameter) for parameter in parameters]
    return name, next((float(match[1]) for match in weights if match), 1.0)


def _weight(ranges: Iterable[tuple[str, float]], media_type: str) -> tuple[float, int]:
    """That of the most specific range that matches, and how specific it is."""
    forms = ("*/*", media_type.partition("/")[0] + "/*", media_type)
    found = [(forms.index(name), q) for name, q in ranges if name in forms]
    specificity, q = max(found, default=(0, 0.0))
    return q, specificity
