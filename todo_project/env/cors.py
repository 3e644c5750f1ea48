"""``ALLOWED_ORIGINS`` as django-cors-headers wants it."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

# What a page of another origin may send and read (contract section 7).
SENT: Final = (
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "x-request-id",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
)
READ: Final = (
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "X-Count",
    "X-Next-Cursor",
    "X-Version",
    "X-Undo",
    "X-Request-ID",
    "Idempotency-Replayed",
    "x-vercel-ai-ui-message-stream",
)


class Cors(NamedTuple):
    allow_all_origins: bool
    allow_credentials: bool
    origin_regexes: list[str]


def read(origins: Sequence[str]) -> Cors:
    """All as patterns: the library compares a plain origin by parts, and so takes "https://a.example.com#x"."""
    if tuple(origins) == ("*",):
        # With credentials it would let any site act for its visitor.
        return Cors(allow_all_origins=True, allow_credentials=False, origin_regexes=[])
    return Cors(
        allow_all_origins=False, allow_credentials=True, origin_regexes=[_pattern(origin) for origin in origins]
    )


def _pattern(origin: str) -> str:
    # The host of an app is no DNS name, and Safari writes that of an extension in capitals.
    flag = "" if origin.startswith(("http://", "https://")) else "(?i)"
    return flag + re.escape(origin).replace(r"\*", "[a-z0-9-]+") + r"\Z"
