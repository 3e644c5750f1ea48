"""Where the pages come from: an origin of its own, which for some of them stands before Better Auth."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import urlsplit

PAGES: Final = Path(__file__).parent / "pages"
TYPES: Final = {".html": "text/html", ".js": "text/javascript"}
# Those of a request and of an answer that go along; others are each hop's own.
SENT: Final = ("Content-Type", "Cookie", "Origin", "Authorization")
RETURNED: Final = ("Content-Type", "Set-Cookie")

Deed = Callable[[Any], None]


class Site(ThreadingHTTPServer):
    """``deeds`` are what a page asks of whoever runs the test, by path; ``behind`` is the origin of Better Auth."""

    daemon_threads = True

    def __init__(self, deeds: Mapping[str, Deed], pages: Path = PAGES) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = pages
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.reports: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.deeds = {"/report": self.reports.put, **deeds}
        self.behind: str | None = None


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/api/"):
            self._pass_on(b"")
            return
        file = self.server.pages / path.removeprefix("/")
        content = file.read_bytes() if file.parent == self.server.pages and file.is_file() else None
        self._answer(404 if content is None else 200, content or b"", TYPES.get(file.suffix, "text/plain"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.startswith("/api/"):
            self._pass_on(body)
            return
        self.server.deeds[self.path](json.loads(body))
        self._answer(200, b"{}", "application/json")

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""

    def _pass_on(self, body: bytes) -> None:
        assert self.server.behind is not None
        connection = HTTPConnection(urlsplit(self.server.behind).netloc, timeout=20)
        headers = {name: self.headers[name] for name in SENT if name in self.headers}
        connection.request(self.command, self.path, body or None, headers)
        with connection.getresponse() as answer:
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.title() in RETURNED:
                    self.send_header(name, value)
        connection.close()
        self._end(content)

    def _answer(self, status: int, content: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self._end(content)

    def _end(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving_pages(deeds: Mapping[str, Deed], pages: Path = PAGES) -> Iterator[Site]:
    with Site(deeds, pages) as site:
        thread = threading.Thread(target=site.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()
