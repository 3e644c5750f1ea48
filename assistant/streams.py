"""A turn as server-sent events, while it runs in a thread of its own."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

import orjson
from django.db import connections
from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from assistant.tools.results import Step
from assistant.turn.talk import let_connection_go
from core.rest import events, problems
from core.rest.events import HEADERS, HEARTBEAT

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 15.0
# How soon a client that hung up is noticed.
POLL_SECONDS: Final = 1.0
DONE: Final = "done"

Event = tuple[str, Any]


class Dialect(Protocol):
    """How a protocol writes one stream: it may keep what it has written."""

    headers: Mapping[str, str]

    def write(self, event: Event) -> bytes:
        """Events are ``message``, ``tool_call``, ``done``, ``error``, and what the turn's own work sends."""


class PlainDialect:
    headers: Mapping[str, str] = {}

    def write(self, event: Event) -> bytes:
        return encode(event)


class HungUp(Exception):
    """Nobody reads any more."""


class EventStreamRenderer(BaseRenderer):
    """Has ``Accept: text/event-stream`` accepted; the events are written by ``stream``."""

    media_type = events.MEDIA_TYPE
    format = "event-stream"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        # What a stream would answer at once: a whole turn that was replayed.
        return b"".join(encode(event) for event in whole(data))


class Line:
    """Between the turn's thread and the one that answers. An ``Audience``."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Event | BaseException] = SimpleQueue()
        self.is_cut = threading.Event()

    def hear(self, text: str) -> None:
        self.send("message", {"delta": text} if text else None)

    def watch(self, step: Step) -> None:
        self.send("tool_call", step.represent())

    def send(self, name: str, content: Mapping[str, Any] | None) -> None:
        if self.is_cut.is_set():
            raise HungUp
        if content:
            self.events.put((name, content))


def stream(
    request: Request, work: Callable[[Line], Mapping[str, Any]], dialect: Dialect | None = None
) -> StreamingHttpResponse:
    """Runs the turn; what it returns is the event ``done``. Raises what the turn raises before its first event."""
    line = Line()
    # The request's id goes into the log lines of both threads.
    thread = threading.Thread(target=copy_context().run, args=(_run, line, work), name="chat turn", daemon=True)
    thread.start()
    # The turn has one of its own.
    let_connection_go()
    first = _next(line, request, HEARTBEAT_SECONDS)
    if isinstance(first, BaseException) and not isinstance(first, HungUp):
        raise first
    dialect = dialect or PlainDialect()
    written = _write(line, request, first, dialect)
    return StreamingHttpResponse(written, content_type=events.MEDIA_TYPE, headers={**HEADERS, **dialect.headers})


def whole(body: Mapping[str, Any]) -> Iterator[Event]:
    """The events of a turn that is over."""
    for call in body["tool_calls"]:
        yield "tool_call", call
    yield "message", {"delta": body["response"]}
    yield DONE, body


def encode(event: Event) -> bytes:
    return events.encode(*event)


def _run(line: Line, work: Callable[[Line], Mapping[str, Any]]) -> None:
    try:
        line.events.put((DONE, work(line)))
    except HungUp:
        logger.info("A chat turn ended: the client hung up")
    except BaseException as error:  # noqa: BLE001 - it is raised, or told, by the thread that answers
        line.events.put(error)
    finally:
        connections.close_all()


def _write(line: Line, request: Request, event: Event | BaseException | None, dialect: Dialect) -> Iterator[bytes]:
    try:
        while not isinstance(event, BaseException):
            yield dialect.write(event) if event else HEARTBEAT
            if event and event[0] == DONE:
                return
            event = _next(line, request, HEARTBEAT_SECONDS)
        if not isinstance(event, HungUp):
            yield dialect.write(("error", _problem(event, request)))
    finally:
        line.is_cut.set()


def _next(line: Line, request: Request, seconds: float) -> Event | BaseException | None:
    """None after so many seconds of silence; ``HungUp`` where the client did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return line.events.get(timeout=POLL_SECONDS)
        except Empty:
            if _has_hung_up(request.META.get("gunicorn.socket")):
                line.is_cut.set()
                return HungUp()
    return None


def _has_hung_up(connection: Any) -> bool:
    """Looks without reading: whoever sent the end of the connection waits for no answer."""
    if not isinstance(connection, socket.socket):
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _problem(error: BaseException, request: Request) -> Any:
    answer = problems.handle(error, {}) if isinstance(error, Exception) else None
    if answer is None:
        logger.error("A chat turn failed", exc_info=error)
        answer = problems.on_500(request._request)  # noqa: SLF001 - Django's request, which has no other name
    return orjson.loads(answer.content)
