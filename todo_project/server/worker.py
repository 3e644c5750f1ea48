"""gunicorn's worker with threads, where a client could make others wait."""

import logging
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, Final

from core.sql import deadline
from core.telemetry.records import ARRIVED
from todo_project.server import heads, refusals
from todo_project.server.connection import Connection, Place
from todo_project.server.gathering import GatheringWorker
from todo_project.server.listening import KeptOpen, Listening
from todo_project.server.outgoing import SEND_SECONDS, InOnePiece

logger = logging.getLogger(__name__)

# For a thread; who has waited so long is told to come again.
QUEUE_SECONDS: Final = 4
MAX_QUEUED: Final = 512
# Refused when it was whole, and not for being so late.
WAITED: Final = frozenset({HTTPStatus.SERVICE_UNAVAILABLE})
# Answers for whoever asks whether others should be sent here, which must not wait for those.
READINESS_THREADS: Final = 2
# What a broken body may be read on for, by the thread that tells of it.
REST_SECONDS: Final = 1
# Of all answers that are not read yet.
MAX_UNSENT_BYTES: Final = 64 * 1024 * 1024

# In the WSGI environment, as in ``core.rest.events``, which is loaded later.
ROOM: Final = "todo.room"

# The one whose request this thread answers.
_connection: Final[ContextVar[Connection]] = ContextVar("connection")


class EdgeWorker(GatheringWorker):
    """The main thread gathers each request, sends what is not read at once, and waits for nobody; threads answer whole
    requests, in turn.

    In gunicorn's own a thread waits for head, body and reader, so that a few clients that send or read nothing hold all
    of them; the main thread waits for clients that do not close; and what was sent behind a request, before its answer,
    lies in the parser unseen.
    """

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sending = Place(SEND_SECONDS, selectors.EVENT_WRITE)
        # With a thread, or waiting for one.
        self.asked: dict[Connection, Future[bool]] = {}
        self.listening = Listening(self)

    def get_thread_pool(self) -> Any:
        self.readiness = ThreadPoolExecutor(READINESS_THREADS, thread_name_prefix="readiness")
        return super().get_thread_pool()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._application = self.wsgi
        self.wsgi = self._answer_in_time

    # --- On the main thread -----------------------------------------------------------------------

    def in_progress(self) -> int:
        return len(self.asked)

    def is_busy(self) -> bool:
        return bool(self.asked) or self.listening.is_behind

    def end_streams(self) -> None:
        self.listening.close()

    def ask(self, connection: Connection) -> None:
        if len(self.asked) >= MAX_QUEUED:
            self.refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE)
            return
        connection.hand_over()
        pool = self.readiness if heads.asks_for_readiness(connection.received) else self.tpool
        answer = self.asked[connection] = pool.submit(self.handle, connection)
        answer.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, connection, done))

    def answer_at_once(self, connection: Connection) -> None:
        """``/health`` asks nobody and needs no thread, so nothing that others do can hold it up."""
        connection.hand_over()
        done: Future[bool] = Future()
        done.set_result(self.handle(connection))
        # Not here: a client that sent a thousand of them would have the main thread to itself.
        self.method_queue.defer(self.finish_request, connection, done)

    def finish_request(self, connection: Connection, done: "Future[bool]") -> None:
        if done.cancelled():
            # It has been refused.
            return
        self.asked.pop(connection, None)
        self.let_go(connection)
        connection.is_kept = done.exception() is None and done.result()
        if connection.sock.fileno() < 0:
            # Closed by gunicorn, in the middle of an answer that failed.
            self.drop(connection)
        elif connection.listener:
            self.listening.take(connection)
        elif connection.sock.unsent:
            self.sending.enter(connection, self.poller, self._send)
            self._bound_sending()
        else:
            self._go_on(connection)

    def refuse(self, connection: Connection, status: HTTPStatus) -> None:
        self.asked.pop(connection, None)
        self.let_go(connection)
        refusals.received.set(connection.received)
        try:
            refusals.send(connection.sock, status)
            self._tell(status, connection.client, connection.arrived if status in WAITED else None)
        except OSError:
            self.drop(connection)
        else:
            self.say_goodbye(connection)

    def say_goodbye(self, connection: Connection) -> None:
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(connection)
        else:
            self.wait_in(self.closing, connection)

    def murder_keepalived(self) -> None:
        for place in (self.idle, self.sending, self.closing):
            for connection in place.overdue():
                self._break_off(connection)
        self.listening.tend()

    def murder_pending(self) -> None:
        super().murder_pending()
        until = time.monotonic() - QUEUE_SECONDS
        for connection, answer in list(self.asked.items()):
            if connection.arrived > until:
                break
            if answer.cancel():
                self.refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE)

    def _go_on(self, connection: Connection) -> None:
        # Whose answer did not say that it was the last may have sent the next request by now.
        if connection.is_kept:
            connection.received = connection.parser.unreader.take_buffered()
            self.wait_in(self.idle, connection)
            self.proceed(connection)
        else:
            self.say_goodbye(connection)

    def _send(self, connection: Connection, _: Any = None) -> None:
        if connection.place is not self.sending:
            # Broken off since the poller spoke.
            return
        try:
            is_all = connection.sock.flush()
        except OSError:
            self._break_off(connection)
            return
        if is_all:
            connection.leave(self.poller)
            self._go_on(connection)

    def _bound_sending(self) -> None:
        """Who has read nothing for the longest goes first."""
        unsent = sum(connection.sock.unsent for connection in self.sending)
        while unsent > MAX_UNSENT_BYTES:
            slowest = next(iter(self.sending))
            unsent -= slowest.sock.unsent
            self._break_off(slowest)

    def _break_off(self, connection: Connection) -> None:
        connection.leave(self.poller)
        self.drop(connection)

    # --- In a thread ------------------------------------------------------------------------------

    def handle(self, connection: Connection) -> bool:
        refusals.received.set(connection.received)
        _connection.set(connection)
        connection.parser.unreader.deadline = time.monotonic() + REST_SECONDS
        return bool(super().handle(connection))

    def _answer_in_time(self, environ: dict[str, Any], start_response: Any) -> Any:
        """What is sent piece by piece afterwards, a stream, takes the time it takes."""
        environ[ARRIVED] = _connection.get().arrived
        deadline.begin(environ[ARRIVED])
        if self.listening.is_open:
            environ[ROOM] = self.listening
        try:
            answer = self._application(environ, start_response)
        finally:
            deadline.end()
        if listener := getattr(answer, "listener", None):
            return KeptOpen(answer, listener, _connection.get(), start_response.__self__)
        is_whole = not getattr(answer, "streaming", True)
        return InOnePiece(answer, start_response.__self__, _connection.get().sock) if is_whole else answer

    def handle_error(self, request: Any, client: socket.socket, address: Any, error: Exception) -> None:
        """In place of gunicorn's HTML, and of its log line, which quotes what was sent."""
        status = refusals.status_of(error)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("A request failed outside the application", exc_info=error)
        else:
            logger.warning("Refused what is no HTTP: %s (%s)", status.value, type(error).__qualname__)
        try:
            refusals.send(client, status)
        except OSError as gone:
            logger.info("A refusal did not arrive (%s)", type(gone).__qualname__)
        self._tell(status, address)

    def _tell(self, status: HTTPStatus, client: Any, arrived: float | None = None) -> None:
        seconds = 0.0 if arrived is None else time.monotonic() - arrived
        host = str(client[0]) if isinstance(client, tuple) else None
        self.log.tell(None, method=None, status=status.value, seconds=seconds, size=0, address=host)
