"""How an endpoint declares itself.

Whatever an endpoint is made of (its view, the view's authentication, permissions, throttles, pagination) may have
an attribute ``refuses``: the codes of its problems (``core.errors.SENTENCES``) by status. What all endpoints share is
known here, so ``@operation`` on the method adds only its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema

from core.errors import SENTENCES

F = TypeVar("F", bound=Callable[..., Any])
# Codes by status; the names of headers by the status they come with, "?" behind those that may be missing.
Refusals = Mapping[int, Sequence[str]]
Headers = Mapping[int, Sequence[str]]

EVERYWHERE: Final[Refusals] = {
    400: ("bad_request",),
    406: ("not_acceptable",),
    414: ("uri_too_long",),
    431: ("headers_too_large",),
    500: ("server_error",),
}
# Where a body is read.
BODY: Final[Refusals] = {
    400: ("malformed_json", "malformed_encoding", "nesting_too_deep", "body_incomplete"),
    408: ("request_timeout",),
    413: ("body_too_large",),
    415: ("unsupported_media_type", "unsupported_encoding"),
    422: ("invalid", "not_an_object"),
}
# Where the database is asked.
DATABASE: Final[Refusals] = {503: ("unavailable", "read_only", "not_migrated")}
# With an ``Idempotency-Key``.
IDEMPOTENT: Final[Refusals] = {
    409: ("idempotency_in_progress",),
    422: ("invalid", "idempotency_key_reused", "answer_too_large"),
}

# Schemas that no serializer has, by name.
COMPONENTS: Final[dict[str, dict[str, Any]]] = {}


def operation(
    summary: str,
    *,
    refuses: Refusals | Sequence[Refusals] = (),
    headers: Headers | None = None,
    whole: bool = False,
    example: Any = None,
    examples: Mapping[str, Any] | None = None,
    **described: Any,
) -> Callable[[F], F]:
    """``extend_schema`` with what it has no word for.

    ``refuses`` are the problems that this method alone adds, ``headers`` what its answers carry besides. ``example`` is
    a body that works when it is sent as it is, ``examples`` several by what they are for. ``whole``: a ``PATCH`` whose
    body may leave nothing out.
    """
    bodies = {summary: example} if example is not None else examples or {}
    shown = [OpenApiExample(name, value=value, request_only=True) for name, value in bodies.items()]

    def decorate(method: F) -> F:
        told: Any = method
        told.refuses = merged([refuses] if isinstance(refuses, Mapping) else refuses)
        told.answer_headers = headers or {}
        told.reads_whole = whole
        told.reads_body = described.get("request") is not None
        decorated: F = extend_schema(summary=summary, examples=shown or None, **described)(method)
        return decorated

    return decorate


def component(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Names a schema in the document, and refers to it."""
    COMPONENTS[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def either(*schemas: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [*schemas]}


def record(*, optional: Mapping[str, Any] | None = None, description: str = "", **properties: Any) -> dict[str, Any]:
    """An object whose properties are all there, but for the optional ones."""
    told = {"description": description} if description else {}
    return {"type": "object", **told, "required": [*properties], "properties": {**properties, **(optional or {})}}


def constant(value: str | int) -> dict[str, Any]:
    return {"type": "string" if isinstance(value, str) else "integer", "const": value}


def merged(all_refusals: Sequence[Refusals]) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    for refusals in all_refusals:
        for status, codes in refusals.items():
            found.setdefault(status, {}).update(dict.fromkeys(codes))
    unknown = {code for codes in found.values() for code in codes} - SENTENCES.keys()
    if unknown:
        raise LookupError(f"core.errors.SENTENCES has no {', '.join(sorted(unknown))}.")
    return {status: tuple(codes) for status, codes in sorted(found.items())}
