"""Request bodies are read, bounded, before Django starts.

Django ignores a chunked body (it wants a Content-Length), and a server that answers before it has
read the body resets the connection, so that the client never sees the answer.
"""

import logging
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication

logger = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 1024 * 1024
# A larger body is read and thrown away so far; then the connection may break.
MAX_DRAIN_BYTES: Final = 64 * 1024 * 1024
MAX_DRAIN_SECONDS: Final = 10.0
CHUNK_BYTES: Final = 64 * 1024
# In the WSGI environment: what was wrong with the body, where something was.
FAULT: Final = "todo.body_fault"
TOO_LARGE: Final = "too large"
INCOMPLETE: Final = "incomplete"
TOO_SLOW: Final = "too slow"


class BufferedBody:
    """WSGI middleware: a whole body of at most ``MAX_BODY_BYTES`` reaches the application, or none and ``FAULT``."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> "Iterable[bytes]":
        declared = environ.get("CONTENT_LENGTH") or ""
        length = int(declared) if declared.isdecimal() else None
        if length or (length is None and environ.get("wsgi.input_terminated")):
            body, fault = _read(environ["wsgi.input"], length)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            if fault:
                environ[FAULT] = fault
        return self._application(environ, start_response)


def _read(stream: Any, length: int | None) -> tuple[bytes, str | None]:
    """The body and what is wrong with it; one with a fault comes back empty, having been drained."""
    kept, seen, fault = [], 0, None
    try:
        for chunk in _chunks(stream, MAX_DRAIN_BYTES if length is None else min(length, MAX_DRAIN_BYTES)):
            seen += len(chunk)
            if seen <= MAX_BODY_BYTES:
                kept.append(chunk)
    except TimeoutError:
        fault = TOO_SLOW
    except Exception as error:  # noqa: BLE001 - each server has its own for a body that breaks off
        logger.info("A request body broke off (%s)", type(error).__qualname__)
        fault = INCOMPLETE
    if max(seen, length or 0) > MAX_BODY_BYTES:
        return b"", TOO_LARGE
    if length is not None and seen < length:
        fault = fault or INCOMPLETE
    return (b"", fault) if fault else (b"".join(kept), None)


def _chunks(stream: Any, limit: int) -> "Iterator[bytes]":
    """What the client sends, up to ``limit`` bytes. Raises ``TimeoutError`` after ``MAX_DRAIN_SECONDS``."""
    deadline = time.monotonic() + MAX_DRAIN_SECONDS
    while limit > 0:
        if time.monotonic() > deadline:
            raise TimeoutError
        chunk = stream.read(min(CHUNK_BYTES, limit))
        if not chunk:
            return
        limit -= len(chunk)
        yield chunk
