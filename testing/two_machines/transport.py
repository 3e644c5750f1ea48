"""Takes the requests of Django's test client to a real address, and what comes back to the test as it expects it.

It is the proxy next to the client: it says who that is and whether TLS was spoken, as ``TRUSTED_PROXIES=2`` has it
with nginx behind.
"""

import re
import select
import string
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from typing import Any, Final
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.cookie import parse_cookie
from django.test.client import ClientHandler, FakePayload
from django.utils.crypto import get_random_string

from testing.two_machines.answers import response_of

BY_HAND: Final = "hands over what no request can say"
REFUSED: Final = "says what nginx refuses"
# Seconds, of each answer.
PATIENCE: Final = 60
# Said by this proxy.
OURS: Final = frozenset({"HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"})
USUAL: Final = frozenset(
    {
        *("CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD"),
        *("SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"),
    }
)
# What no header may hold (RFC 9110, section 5.5).
CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

Environ = dict[str, Any]
Headers = list[tuple[str, str]]


class Transport:
    """Over kept connections: as many as there are requests at a time."""

    def __init__(self, port: int) -> None:
        self.sent = 0
        self._port = port
        self._lock = threading.Lock()
        self._idle: deque[HTTPConnection] = deque()

    @contextmanager
    def in_place_of_the_handler(self) -> Iterator[None]:
        def call(handler: ClientHandler, environ: Environ) -> HttpResponse | StreamingHttpResponse:
            return self.send(environ, is_trusted=not handler.enforce_csrf_checks)

        with mock.patch.object(ClientHandler, "__call__", call):
            try:
                yield
            finally:
                self.close()

    def send(self, environ: Environ, *, is_trusted: bool = False) -> HttpResponse | StreamingHttpResponse:
        """``is_trusted``: with the token of the forms of the staff site, as from its own pages."""
        method, body = environ["REQUEST_METHOD"], _body(environ)
        headers = [*_headers(environ)]
        if is_trusted and method not in SAFE and environ["PATH_INFO"].startswith("/admin"):
            headers = _with_form_token(headers)
        with self._lock:
            self.sent += 1
        connection = self._connection()
        with ExitStack() as unless_it_is_kept:
            unless_it_is_kept.callback(connection.close)
            _write(connection, method, _target(environ), headers, body)
            response = response_of(connection.getresponse(), method)
            unless_it_is_kept.pop_all()
        self._idle.append(connection)
        response.wsgi_request = WSGIRequest(environ)  # type: ignore[union-attr] # as Django's handler does
        return response

    def lead_to(self, port: int) -> None:
        if port != self._port:
            self.close()
            self._port = port

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> HTTPConnection:
        while True:
            try:
                found = self._idle.pop()
            except IndexError:
                return HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            # What can be read of an idle one is that it was closed.
            if found.sock is None or not select.select([found.sock], [], [], 0)[0]:
                return found
            found.close()


def _body(environ: Environ) -> bytes:
    unusual = {name for name in environ if not name.startswith(("HTTP_", "wsgi."))} - USUAL
    payload = environ["wsgi.input"]
    if unusual or environ["SCRIPT_NAME"] or not isinstance(payload, FakePayload):
        pytest.skip(BY_HAND)
    body: bytes = payload.read()
    if int(environ.get("CONTENT_LENGTH") or 0) != len(body):
        pytest.skip(BY_HAND)
    return body


def _target(environ: Environ) -> str:
    if "\0" in environ["PATH_INFO"] or environ["REQUEST_METHOD"] == "TRACE":
        pytest.skip(REFUSED)
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/~!$&'()*+,;=:@")
    query = quote(environ["QUERY_STRING"].encode("latin-1"), safe=string.punctuation)
    return f"{path}?{query}" if query else path


def _headers(environ: Environ) -> Iterator[tuple[str, str]]:
    port = environ["SERVER_PORT"]
    yield "Host", environ.get("HTTP_HOST") or environ["SERVER_NAME"] + ("" if port == "80" else f":{port}")
    addresses = (environ.get("HTTP_X_FORWARDED_FOR"), environ["REMOTE_ADDR"])
    yield "X-Forwarded-For", ", ".join(filter(None, addresses))
    yield "X-Forwarded-Proto", environ["wsgi.url_scheme"]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if name in environ:
            yield name.replace("_", "-").title(), str(environ[name])
    for name, value in environ.items():
        if name.startswith("HTTP_") and name not in OURS and (value or name != "HTTP_COOKIE"):
            yield name.removeprefix("HTTP_").replace("_", "-").title(), str(value)


def _with_form_token(headers: Headers) -> Headers:
    cookies = next((value for name, value in headers if name == "Cookie"), "")
    token = parse_cookie(cookies).get("csrftoken")
    if token is None:
        token = get_random_string(32)
        cookies = "; ".join(filter(None, [cookies, f"csrftoken={token}"]))
    kept = [(name, value) for name, value in headers if name not in ("Cookie", "X-Csrftoken")]
    return [*kept, ("Cookie", cookies), ("X-Csrftoken", token)]


def _write(connection: HTTPConnection, method: str, target: str, headers: Headers, body: bytes) -> None:
    if any(CONTROL.search(value) for _, value in headers):
        pytest.skip(BY_HAND)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body or None)
