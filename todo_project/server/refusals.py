"""What the server answers by itself: problem documents like every other, that a browser may read too."""

import logging
import secrets
import socket
from contextvars import ContextVar
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from gunicorn import util
from gunicorn.http import errors as gunicorn_errors
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding

from core import logs
from todo_project.server import heads

logger = logging.getLogger(__name__)

# What this thread's connection sent, as far as it was read.
received: Final[ContextVar[bytes]] = ContextVar("received", default=b"")
STATUSES: Final = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    gunicorn_errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}


def status_of(error: Exception) -> HTTPStatus:
    if isinstance(error, ParseException):
        return STATUSES.get(type(error), HTTPStatus.BAD_REQUEST)
    return HTTPStatus.INTERNAL_SERVER_ERROR


def send(sock: socket.socket, status: HTTPStatus) -> None:
    """Without waiting for the other side; raises ``OSError`` where it takes no more."""
    util.write_nonblock(sock, render(status))


def render(status: HTTPStatus) -> bytes:
    # Not above: gunicorn loads its worker, and this, before Django is set up.
    from core.rest import problems
    from core.rest.middleware import REQUEST_ID

    sent = heads.field(received.get(), "X-Request-ID")
    request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)
    logs.request_id.set(request_id)
    waits = status == HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": str(problems.RETRY_SECONDS)} if waits else None
    answer = _readable(problems.of_status(status, headers=headers))
    answer["X-Request-ID"] = request_id
    answer["Content-Length"] = str(len(answer.content))
    fields = "".join(f"{name}: {value}\r\n" for name, value in answer.items())
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n{fields}\r\n"
    # Of an answer to HEAD nobody reads a body, but the connection ends here.
    return head.encode("latin-1") + answer.content


def _readable(answer: HttpResponse) -> HttpResponse:
    # As above.
    from corsheaders.middleware import CorsMiddleware

    origin = heads.field(received.get(), "Origin")
    if not origin and heads.END not in received.get():
        # It may stand in what was not read; a refusal is nobody's secret.
        answer["Access-Control-Allow-Origin"] = "*"
        return answer
    request = HttpRequest()
    request.path = request.path_info = "/"
    request.META["HTTP_ORIGIN"] = origin
    readable = CorsMiddleware(lambda _: answer)(request)
    assert isinstance(readable, HttpResponse)
    return readable
