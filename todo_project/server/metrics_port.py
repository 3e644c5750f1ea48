"""``METRICS_PORT``: metrics where clients do not come. Each worker answers for all, by the files that they share."""

import os
import shutil
import socket
import sys
import tempfile
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from core.telemetry import metrics

# For what is asked, and for each part of the answer.
PATIENCE_SECONDS: Final = 5
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder with a name of chance is made in it

_door: socket.socket | None = None
_made: Path | None = None


def make_files() -> None:
    """The folder of the workers' counts; once, for a reload goes on with it, as does a server that takes over."""
    global _made
    if metrics.FOLDER not in os.environ:
        place = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
        _made = Path(tempfile.mkdtemp(prefix="todo-metrics-", dir=place))
        os.environ[metrics.FOLDER] = str(_made)


def remove_files() -> None:
    if _made is not None:
        shutil.rmtree(_made, ignore_errors=True)


def open_door(host: str, port: int) -> None:
    """Before the workers are forked, which share it."""
    global _door
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    _door = socket.socket(family, kind, protocol)
    _door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "GUNICORN_FD" in os.environ:
        # The server that this one takes over from has it still.
        _door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        _door.bind(address)
        _door.listen()
    except OSError as error:
        sys.exit(f"Configuration error: METRICS_PORT {port} cannot be had ({error.strerror}).")


def serve() -> None:
    """In a worker, by a thread that ends with it."""
    if _door is not None:
        server = _Server(_door.getsockname(), _Handler, bind_and_activate=False)
        server.socket.close()
        server.socket = _door
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who broke off has no answer to miss."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE_SECONDS

    def do_GET(self) -> None:
        # Not above: gunicorn loads this before Django is set up.
        from django.conf import settings

        from todo_project.metrics_page import may_read

        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, b"")
        elif settings.METRICS_TOKEN is not None and not may_read(self.headers.get("Authorization", "")):
            self._answer(HTTPStatus.UNAUTHORIZED, b"")
        else:
            self._answer(HTTPStatus.OK, metrics.exposition())

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", metrics.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """None: scrapes are no requests of anybody's, and a path would quote what was sent."""
