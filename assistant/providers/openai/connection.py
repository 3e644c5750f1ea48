"""The way to a model's endpoint: one client a process, and bounds that the SDK does not have.

The SDK bounds each wait, but neither a whole answer's time (bytes or comments that drip keep it going for
ever, in an error's body too) nor its size (it collects a line without an end).
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

import httpx2
import openai

from core.telemetry import records

# Of one answer as it comes over the line; 8192 tokens in chunks of their own are about 3 MB.
MAX_BYTES: Final = 8 * 1024 * 1024
# Where a proxy of the environment has no business.
LOOPBACK: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")
# On ``time.monotonic()``: when the call that this thread makes has to be over.
deadline: Final[ContextVar[float]] = ContextVar("deadline")


class OutOfTime(Exception):
    """The deadline has passed."""


class TooLong(Exception):
    """The answer is larger than any that makes sense."""


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, line: socket.socket) -> None:
        self._stream = stream
        self._contents = iter(stream)
        self._last = b""
        self._alarm = threading.Timer(max(deadline.get() - time.monotonic(), 0), _cut, (line,))
        self._alarm.daemon = True
        self._alarm.start()

    def __iter__(self) -> Iterator[bytes]:
        left = MAX_BYTES
        for content in self._contents:
            self._last = content
            left -= len(content)
            if left < 0:
                raise TooLong
            yield content

    def close(self) -> None:
        # Where the SDK stops reading. What is left of the response is its end, and read, that the connection
        # can serve the next call of the turn.
        if self._last.rstrip().endswith(b"data: [DONE]"):
            with suppress(httpx2.HTTPError):
                next(self._contents, None)
        self._alarm.cancel()
        self._stream.close()


def _cut(line: socket.socket) -> None:
    """Wakes who reads from it, in whatever thread."""
    with suppress(OSError):
        # Not an SSLSocket's own, which takes its state away from under the reader.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _bound(response: httpx2.Response) -> None:
    assert isinstance(response.stream, httpx2.SyncByteStream)
    line = response.extensions["network_stream"].get_extra_info("socket")
    response.stream = _Bounded(response.stream, line)


def _go_on(request: httpx2.Request) -> None:
    """The trace of the request that the model is asked for (W3C Trace Context)."""
    if record := records.current():
        request.headers["traceparent"] = record.trace.header


@cache
def _certificates() -> ssl.SSLContext:
    """Those of the machine, read once: it takes longer than to make a client."""
    return httpx2.create_ssl_context()


def client(base_url: str, api_key: str) -> openai.OpenAI:
    """To ``base_url`` with ``api_key`` and nothing else, whatever OPENAI_* variables say.

    HTTPS_PROXY and SSL_CERT_FILE hold, as for every program of a machine whose only way out they are.
    No redirect is followed: it could take the key elsewhere. Retries are the caller's, who knows the deadline.
    """
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [_go_on], "response": [_bound]}
    http = httpx2.Client(verify=_certificates(), event_hooks=hooks, mounts=dict.fromkeys(LOOPBACK))
    made = openai.OpenAI(
        base_url=base_url,
        api_key=api_key,
        # What OPENAI_CUSTOM_HEADERS says of this would win over the key.
        default_headers={"Authorization": f"Bearer {api_key}"},
        max_retries=0,
        http_client=http,
    )
    # Read from the environment where they are not given, and no value that is given means none.
    made.organization = made.project = made.admin_api_key = None
    return made
