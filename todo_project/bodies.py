"""Request bodies are read, bounded, before Django starts.

Django ignores a chunked body (it wants a Content-Length), and a server that answers before it has
read the body resets the connection, so that the client never sees the answer.
"""

import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

MAX_BODY_BYTES: Final = 1024 * 1024
# A larger body is read and thrown away so far; then the connection may break.
MAX_DRAIN_BYTES: Final = 64 * 1024 * 1024
MAX_DRAIN_SECONDS: Final = 10.0
CHUNK_BYTES: Final = 64 * 1024
TOO_LARGE: Final = "todo.body_too_large"


class BufferedBody:
    """WSGI middleware: at most ``MAX_BODY_BYTES`` reach the application, the rest sets ``TOO_LARGE``."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> "Iterable[bytes]":
        length = environ.get("CONTENT_LENGTH") or ""
        if length != "0" and (length.isdecimal() or environ.get("wsgi.input_terminated")):
            body, is_whole = _read(environ["wsgi.input"], int(length) if length.isdecimal() else None)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ[TOO_LARGE] = not is_whole
        return self._application(environ, start_response)


def _read(stream: Any, length: int | None) -> tuple[bytes, bool]:
    """The body and whether it is whole; an overlong one is drained and comes back empty."""
    limit = MAX_DRAIN_BYTES if length is None else min(length, MAX_DRAIN_BYTES)
    deadline = time.monotonic() + MAX_DRAIN_SECONDS
    kept, seen = [], 0
    while seen < limit:
        chunk = stream.read(min(CHUNK_BYTES, limit - seen))
        if not chunk:
            break
        seen += len(chunk)
        if seen <= MAX_BODY_BYTES:
            kept.append(chunk)
        elif time.monotonic() > deadline:
            break
    return (b"".join(kept), True) if seen <= MAX_BODY_BYTES else (b"", False)
