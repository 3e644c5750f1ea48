"""Where gunicorn speaks by itself: its access log, and its answer to what is no HTTP."""

import secrets
import time
from typing import Any, Final
from urllib.parse import quote

from gunicorn import glogging, util
from gunicorn.workers.gthread import ThreadWorker

from core import logs

# Long enough for another process to wake up, and no limit that a machine would reach.
YIELD_SECONDS: Final = 0.0005


class Logger(glogging.Logger):  # type: ignore[misc] # gunicorn is untyped
    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """The path as it was sent: decoded, "%0A" would begin a line of the caller's own making."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        path = environ["RAW_URI"].partition("?")[0]
        return {**atoms, "U": quote(path, safe="/%:@+=~,;!$&'()*")}


class FairThreadWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    def accept(self, listener: Any) -> None:
        """Lets a worker with fewer connections go first.

        All wait at one socket, and the one that was quickest took every connection of a client that opens
        many at once; kept alive, they stayed there, and the other processes idled.
        """
        if self.nr_conns:
            time.sleep(YIELD_SECONDS)
        super().accept(listener)


def write_error(sock: Any, status: int, reason: str, _message: str) -> None:
    """In place of gunicorn's HTML: a problem document like every other, with a request id."""
    # Not above: gunicorn reads its configuration, and this, before Django is set up.
    from core.rest import problems

    request_id = secrets.token_hex(16)
    logs.request_id.set(request_id)
    body = problems.response(status, "server_error" if status == 500 else "bad_request").content
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nX-Request-ID: {request_id}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + body)
