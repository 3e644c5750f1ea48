"""A compact JWS (RFC 7515) before anything is verified: enough to choose who verifies it."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from core.errors import token_invalid

MAX_TOKEN_LENGTH: Final = 8192
COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """``header`` and ``payload`` are whatever the sender wrote."""

    text: str
    header: dict[str, Any]
    payload: dict[str, Any]

    @property
    def algorithm(self) -> object:
        return self.header.get("alg")

    @property
    def signed_hash(self) -> str:
        """Of the signed part only: an ECDSA signature can be rewritten into another good one."""
        return hashlib.sha256(self.text.rpartition(".")[0].encode()).hexdigest()


def parse(text: str) -> UnverifiedToken:
    """Raises ``Unauthenticated`` for what is no JWS of at most 8 kB with two unambiguous JSON objects."""
    if len(text) > MAX_TOKEN_LENGTH or not COMPACT.fullmatch(text):
        raise token_invalid()
    header, payload, _ = text.split(".")
    try:
        found = _decode(header), _decode(payload)
    except (ValueError, RecursionError) as error:
        raise token_invalid() from error
    if not all(isinstance(part, dict) for part in found):
        raise token_invalid()
    return UnverifiedToken(text, *found)


def _decode(segment: str) -> Any:
    # Two parsers that read one token differently are a hole: no other encodings (json.loads would
    # guess them from bytes), no NaN, no name twice.
    text = base64.urlsafe_b64decode(segment + "==").decode()
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError("not a JSON number")
