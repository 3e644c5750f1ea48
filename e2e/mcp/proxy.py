"""Adds the token to whatever comes, for the conformance tests, which cannot send one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

from testing.service import Server

SECONDS: Final = 20
# Each hop's own.
HOP: Final = frozenset({"connection", "transfer-encoding"})


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behind: Server, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.token = behind, token


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        connection = HTTPConnection(urlsplit(self.server.behind.base).netloc, timeout=SECONDS)
        # With the Host that was sent, which is among what is tried.
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in _passed(self.headers):
            connection.putheader(name, value)
        connection.putheader("Authorization", f"Bearer {self.server.token}")
        connection.endheaders(body)
        with connection.getresponse() as answer:
            self.send_response_only(answer.status)
            for name, value in _passed(answer.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.read())
        connection.close()


def _passed(headers: Message) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in HOP]


@contextmanager
def signing(server: Server, token: str) -> Iterator[str]:
    """The URL of ``/mcp`` there."""
    proxy = Proxy(server, token)
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{proxy.server_port}/mcp"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
