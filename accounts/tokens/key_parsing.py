"""A JSON Web Key Set (RFC 7517): fetched within bounds, and read for the keys that may verify a token."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
    "Ed25519": ("OKP", "Ed25519"),
    "ES256": ("EC", "P-256"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
}
# RFC 9864 names the curve with the algorithm; PyJWT knows the older name.
OLDER_NAMES: Final[Mapping[str, str]] = {"Ed25519": "EdDSA"}
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
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=FETCH_SECONDS)
    with _ending(connection):
        try:
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("GET", target, headers={"Accept": "application/json"})
            # It owns the socket once the server closes: left open, it would be leaked on an early exit.
            with connection.getresponse() as response:
                return _body(response)
        except (OSError, HTTPException, ValueError) as error:
            raise FetchError(type(error).__qualname__) from error


@contextmanager
def _ending(connection: HTTPConnection) -> Iterator[None]:
    """Breaks the connection off after ``FETCH_SECONDS`` in all, whatever it is at: with a timeout of the socket alone a
    byte every two seconds, of the handshake, the headers or the body, would go on for ever.
    """
    opened: list[socket.socket] = []
    is_over = threading.Event()

    def create(*args: Any, **kwargs: Any) -> socket.socket:
        created = socket.create_connection(*args, **kwargs)
        # Of its own: TLS takes the first one over.
        opened.append(created.dup())
        if is_over.is_set():
            end()
        return created

    def end() -> None:
        is_over.set()
        for held in opened:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    connection._create_connection = create  # type: ignore[attr-defined] # noqa: SLF001 - no other way to the socket of a handshake
    timer = threading.Timer(FETCH_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
        for held in opened:
            held.close()


def _body(response: HTTPResponse) -> str:
    if response.status != 200:
        raise FetchError(f"status {response.status}")
    body = b""
    while chunk := response.read1(MAX_DOCUMENT_BYTES):
        body += chunk
        if len(body) > MAX_DOCUMENT_BYTES:
            raise FetchError(f"over {MAX_DOCUMENT_BYTES} bytes")
    return body.decode()


def read_keys(document: str) -> tuple[Key, ...]:
    """The usable keys, each once for every algorithm it fits.

    None where the issuer lists none: it has withdrawn them. Raises ``ValueError`` for a list without a usable one.
    """
    try:
        found = json.loads(document)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    entries = found.get("keys") if isinstance(found, dict) else None
    listed = entries if isinstance(entries, list) else []
    keys = tuple(key for entry in listed if isinstance(entry, dict) for key in _keys(entry))
    if not keys and entries != []:
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
        return [Key(kid, algorithm, _bound(public, algorithm)) for algorithm in fitting]
    except (PyJWTError, KeyError, AttributeError, TypeError, ValueError):
        # One odd key must not cost the others.
        return []


def _bound(public: dict[str, Any], algorithm: str) -> PyJWK:
    jwk = PyJWK(public, OLDER_NAMES.get(algorithm, algorithm))
    jwk.algorithm_name = algorithm
    return jwk


def _fits(entry: dict[str, Any], algorithm: str) -> bool:
    kind, curve = SHAPES[algorithm]
    if entry.get("kty") != kind or (curve and entry.get("crv") != curve):
        return False
    if kind == "RSA" and len(str(entry.get("n")).rstrip("=")) not in RSA_MODULUS_LENGTHS:
        return False
    operations, named = entry.get("key_ops"), str(entry.get("alg") or algorithm)
    return (
        OLDER_NAMES.get(named, named) == OLDER_NAMES.get(algorithm, algorithm)
        and entry.get("use") in (None, "sig")
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )
