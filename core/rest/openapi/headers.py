"""The headers of answers, each described once."""

from collections.abc import Sequence
from typing import Any, Final

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

TEXT: Final[dict[str, Any]] = {"type": "string"}
COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
HEADERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "Accept-Encoding": ("That a body comes as it is.", {"type": "string", "const": "identity"}),
    "Accept-Patch": ("The kinds of patch that are taken (RFC 5789).", TEXT),
    "Cache-Control": ("For caches.", TEXT),
    "ETag": ("The version, for `If-Match` and `If-None-Match`.", {"type": "string", "pattern": '^"[1-9][0-9]*"$'}),
    "Idempotency-Replayed": (
        "Only on an answer that was given before.",
        {"type": "string", "const": "true"},
    ),
    "Link": ('The next page, `<...>; rel="next"` (RFC 8288), where there is one.', TEXT),
    "Location": ("The path of what was made.", TEXT),
    "RateLimit-Limit": ("How many requests the limit admits.", COUNT),
    "RateLimit-Remaining": ("How many of them are left.", COUNT),
    "RateLimit-Reset": ("Seconds until there are as many again.", COUNT),
    "Retry-After": ("Seconds to wait before trying again.", COUNT),
    "Set-Cookie": ("Says at a later login that this browser is known.", TEXT),
    "WWW-Authenticate": ("`Bearer`, and the scopes that are missing (RFC 6750).", TEXT),
    "X-Count": ("How many there are on this page.", COUNT),
    "X-Next-Cursor": ("The `cursor` of the next page, where there is one.", TEXT),
    "X-Undo": ("Takes this back for 15 minutes, by `POST /api/{user_id}/undo`; only where something changed.", TEXT),
    "X-Version": ("The number of the last change that the page contains.", COUNT),
    "X-Request-ID": (
        "The request's own, or a new one; the service's log has it.",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    ),
    "x-vercel-ai-ui-message-stream": (
        "Of a stream as the AI SDK reads it: its version.",
        {"type": "string", "const": "v1"},
    ),
}
LIMITS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# What a problem of a status carries, whoever made it.
OF_STATUS: Final[dict[int, Sequence[str]]] = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate?",),
    415: ("Accept-Encoding?", "Accept-Patch?"),
    429: LIMITS,
    503: ("Retry-After",),
}
MAYBE: Final = "?"


def of_problem(status: int) -> list[str]:
    waits = ["Retry-After"] if status == 429 else []
    limits = [] if status == 429 else [name + MAYBE for name in LIMITS]
    return ["X-Request-ID", *waits, *OF_STATUS.get(status, ()), *limits]


def described(names: Sequence[str], registry: ComponentRegistry) -> dict[str, Any]:
    """References to their descriptions; of a name said twice the first counts."""
    told: dict[str, Any] = {}
    for name in names:
        told.setdefault(name.removesuffix(MAYBE), _reference(name, registry))
    return told


def _reference(name: str, registry: ComponentRegistry) -> dict[str, Any]:
    known = name.removesuffix(MAYBE)
    description, schema = HEADERS[known]
    is_certain = not name.endswith(MAYBE)
    told = {"description": description, "schema": schema, **({"required": True} if is_certain else {})}
    return shared("headers", known if is_certain else f"{known}.optional", told, registry)


def shared(kind: str, name: str, told: dict[str, Any], registry: ComponentRegistry) -> dict[str, Any]:
    """A reference to a component of the document; to another of that name there is none, so it comes as it is."""
    component = ResolvedComponent(name, kind, told, object=kind)  # type: ignore[no-untyped-call] # untyped library
    registry.register_on_missing(component)
    reference: dict[str, Any] = component.ref
    return reference if registry[component].schema == told else told
