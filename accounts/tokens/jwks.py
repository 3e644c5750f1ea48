"""A JSON Web Key Set (RFC 7517): fetched within bounds, and read for the keys that may verify a token."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from jwt import PyJWK, PyJWTError

FETCH_SECONDS: Final = 3.0
MAX_DOCUMENT_BYTES: Final = 64 * 1024
# The one key type and curve of each algorithm. Symmetric keys ("oct") are in none.
SHAPES: Final[Mapping[str, tuple[str, str | None]]] = {
    "EdDSA": ("OKP", "Ed25519"),
    "ES256": ("EC", "P-256"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
}
# Nothing else of a key is looked at: no private parts, no certificates, no addresses.
PUBLIC_MEMBERS: Final = ("kty", "crv", "x", "y", "n", "e")
# Of the base64url text: 2048 to 8192 bits. Below is weak, above makes each verification slow.
RSA_MODULUS_LENGTHS: Final = range(341, 1368)


class FetchError(Exception):
    """The issuer did not give its keys."""


@dataclass(frozen=True, slots=True)
class Key:
    kid: str | None
    algorithm: str
    jwk: PyJWK


def fetch(url: str) -> str:
    """The document at ``url``, without following redirects. Raises ``FetchError``."""
    deadline = time.monotonic() + FETCH_SECONDS
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=FETCH_SECONDS)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("GET", target, headers={"Accept": "application/json"})
        # It owns the socket once the server closes: left open, it would be leaked on an early exit.
        with connection.getresponse() as response:
            return _body(response, deadline)
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(type(error).__qualname__) from error
    finally:
        connection.close()


def _body(response: HTTPResponse, deadline: float) -> str:
    if response.status != 200:
        raise FetchError(f"status {response.status}")
    body = b""
    # A timeout of the socket alone would let a byte every two seconds go on for ever.
    while chunk := response.read1(MAX_DOCUMENT_BYTES):
        body += chunk
        if len(body) > MAX_DOCUMENT_BYTES:
            raise FetchError(f"over {MAX_DOCUMENT_BYTES} bytes")
        if time.monotonic() > deadline:
            raise FetchError(f"over {FETCH_SECONDS} seconds")
    return body.decode()


def read_keys(document: str) -> tuple[Key, ...]:
    """The usable keys, each once for every algorithm it fits. Raises ``ValueError`` if there is none."""
    try:
        found = json.loads(document)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    entries = found.get("keys") if isinstance(found, dict) else None
    listed = entries if isinstance(entries, list) else []
    keys = tuple(key for entry in listed if isinstance(entry, dict) for key in _keys(entry))
    if not keys:
        raise ValueError("no usable key")
    return keys


def _keys(entry: dict[str, Any]) -> list[Key]:
    kid = entry.get("kid")
    fitting = [algorithm for algorithm in SHAPES if _fits(entry, algorithm)]
    if not fitting or not isinstance(kid, str | None):
        return []
    public: dict[str, Any] = {name: entry[name] for name in PUBLIC_MEMBERS if name in entry}
    try:
        # With the algorithm bound to the key, PyJWT refuses any other one in the token's header.
        return [Key(kid, algorithm, PyJWK(public, algorithm)) for algorithm in fitting]
    except (PyJWTError, KeyError, AttributeError, TypeError, ValueError):
        # One odd key must not cost the others.
        return []


def _fits(entry: dict[str, Any], algorithm: str) -> bool:
    kind, curve = SHAPES[algorithm]
    if entry.get("kty") != kind or (curve and entry.get("crv") != curve):
        return False
    if kind == "RSA" and len(str(entry.get("n")).rstrip("=")) not in RSA_MODULUS_LENGTHS:
        return False
    operations = entry.get("key_ops")
    return (
        entry.get("alg") in (None, algorithm)
        and entry.get("use") in (None, "sig")
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )
