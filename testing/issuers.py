"""An issuer on loopback for the tests: real keys, served over real HTTP, and tokens with any fault wanted."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.test import Client
from jwt.algorithms import Algorithm, get_default_algorithms

from testing.callers import Caller

ALGORITHMS: Mapping[str, Algorithm] = get_default_algorithms()
GENERATORS: Mapping[str, Callable[[], Any]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
}


def bearer(token: str) -> Caller:
    caller = Caller()
    caller.client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
    return caller


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def compact(header: Any, payload: Any, sign: Callable[[bytes], bytes]) -> str:
    """A JWS of these parts; bytes go in as they are, so they may be no JSON at all."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(base64url(part) for part in parts)
    return f"{signed}.{base64url(sign(signed.encode()))}"


def hmac_signer(secret: str | bytes, digest: str = "sha256") -> Callable[[bytes], bytes]:
    key = secret if isinstance(secret, bytes) else secret.encode()
    return lambda content: hmac.digest(key, content, getattr(hashlib, digest))


class Key:
    def __init__(self, algorithm: str, kid: str) -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.private = GENERATORS[algorithm]()

    def sign(self, content: bytes, algorithm: str | None = None) -> bytes:
        return ALGORITHMS[algorithm or self.algorithm].sign(content, self.private)

    @property
    def public(self) -> dict[str, Any]:
        """As Better Auth lists it."""
        jwk = json.loads(ALGORITHMS[self.algorithm].to_jwk(self.private.public_key()))
        jwk.pop("key_ops", None)
        return {"alg": self.algorithm, **jwk, "kid": self.kid}


# Far above what anything here takes on a busy machine: who took less has not waited for it.
HELD_SECONDS: Final = 40.0


class Issuer:
    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        # What was asked for, in order.
        self.paths: list[str] = []
        self.delay_seconds = 0.0
        # Cleared, it keeps whoever fetches waiting, though not for ever.
        self.may_answer = threading.Event()
        self.may_answer.set()
        # What is answered instead of the keys: status, headers, body.
        self.answer: tuple[int, dict[str, str], bytes] | None = None
        self.trickle_seconds = 0.0
        # Before each of the headers, which never end.
        self.drip_seconds = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.jwks_url = f"{self.origin}/api/auth/jwks"
        self.key = self.add_key("EdDSA", "first")

    @property
    def fetches(self) -> int:
        return len(self.paths)

    def add_key(self, algorithm: str, kid: str) -> Key:
        key = Key(algorithm, kid)
        self.keys.append(key.public)
        return key

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A good token's, changed; ``...`` leaves one out."""
        now = int(time.time())
        good = {"sub": "1", "iat": now, "exp": now + 900, "iss": self.origin, "aud": self.origin}
        return {name: value for name, value in (good | changes).items() if value is not ...}

    def token(self, key: Key | None = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A good token but for what is named."""
        key = key or self.key
        parts = {"alg": key.algorithm, "kid": key.kid} | dict(header or {})
        return compact({n: v for n, v in parts.items() if v is not ...}, self.claims(**claims), key.sign)

    def stop(self) -> None:
        """Twice is once."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def _drip(client: BufferedIOBase, seconds: float) -> None:
    deadline = time.monotonic() + HELD_SECONDS
    with suppress(ConnectionError):
        client.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while time.monotonic() < deadline:
            client.write(b"x")
            time.sleep(seconds)


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.paths.append(self.path)
            time.sleep(issuer.delay_seconds)
            issuer.may_answer.wait(HELD_SECONDS)
            if issuer.drip_seconds:
                self.close_connection = True
                _drip(self.wfile, issuer.drip_seconds)
                return
            status, headers, body = issuer.answer or (200, {}, json.dumps({"keys": issuer.keys}).encode())
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._write(body)

        def _write(self, body: bytes) -> None:
            step = 1 if issuer.trickle_seconds else len(body) or 1
            try:
                for start in range(0, len(body), step):
                    self.wfile.write(body[start : start + step])
                    time.sleep(issuer.trickle_seconds)
            except ConnectionError:
                # The service had enough of it.
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
