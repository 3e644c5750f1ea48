"""gunicorn's worker with threads, where a client could make others wait."""

import errno
import logging
import select
import selectors
import socket
import time
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from todo_project.server import heads, refusals
from todo_project.server.daily import DailyPruning
from todo_project.server.framing import RECEIVE_BYTES, StrictParser
from todo_project.server.mailing import Mailing

logger = logging.getLogger(__name__)

# Long enough for another process to wake up, and no limit that a machine would reach.
YIELD_SECONDS: Final = 0.0005
# From its first byte to its end.
HEAD_SECONDS: Final = 10
BODY_SECONDS: Final = 10
# How long, and for how much, a connection that ends is read on: what is unread when it closes would make the
# kernel take back the answer (RFC 9112, section 9.6).
LINGER_SECONDS: Final = 2
LINGER_BYTES: Final = 1024 * 1024
NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Connection(TConn):  # type: ignore[misc] # gunicorn is untyped
    """``received`` is what has come of the next request; ``queue`` where the connection waits for more."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.parser = StrictParser(cfg, sock, client)
        self.initialized = True
        self.received = b""
        self.lingered = 0
        self.queue: dict[Connection, None] = {}


class EdgeWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    """The main thread gathers each request's head and waits for nobody; threads serve whole ones, in turn.

    In gunicorn's own a thread waits for the head, so that a few clients that send nothing hold all of them; the
    main thread waits for clients that do not close; and what was sent behind a request, before its answer, lies
    in the parser unseen.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each in the order of its deadlines, since all in one wait equally long: for a request's first byte, for
        # the rest of a head, for the client's goodbye.
        self.keepalived_conns: dict[Connection, None] = {}
        self.pending_conns: dict[Connection, None] = {}
        self.closing: dict[Connection, None] = {}
        self.pruning = DailyPruning()
        self.mailing = Mailing()

    def notify(self) -> None:
        super().notify()
        self.pruning.start_if_due()
        self.mailing.start()

    # --- On the main thread -----------------------------------------------------------------------

    def accept(self, listener: Any) -> None:
        """Lets a worker with fewer connections go first.

        All wait at one socket, and the one that was quickest took every connection of a client that opens
        many at once; kept alive, they stayed there, and the other processes idled.
        """
        if self.nr_conns:
            time.sleep(YIELD_SECONDS)
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in NO_ROOM:
                self._make_room()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, client, listener.getsockname())
        self._wait_in(self.keepalived_conns, connection, self.cfg.keepalive)
        # Nearly always the request came along.
        self._receive(connection)
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def finish_request(self, connection: Connection, done: "Future[bool]") -> None:
        is_kept = not done.cancelled() and done.exception() is None and done.result() and self.alive
        try:
            connection.sock.setblocking(False)
        except OSError:
            self._drop(connection)
            return
        if is_kept:
            connection.received = connection.parser.unreader.take_buffered()
            self._wait_in(self.keepalived_conns, connection, self.cfg.keepalive)
            self._proceed(connection)
        else:
            self._say_goodbye(connection)

    def murder_keepalived(self) -> None:
        for connection in _overdue(self.keepalived_conns):
            self._leave(connection)
            self._drop(connection)

    def murder_pending(self) -> None:
        for connection in _overdue(self.pending_conns):
            self._leave(connection)
            self._refuse(connection, HTTPStatus.REQUEST_TIMEOUT)
        for connection in _overdue(self.closing):
            self._leave(connection)
            self._drop(connection)

    def _receive(self, connection: Connection, _: Any = None) -> None:
        if connection not in connection.queue:
            # Closed since the poller spoke, to make room.
            return
        try:
            data = connection.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if connection.queue is self.closing:
            connection.lingered += len(data)
            data = b"" if connection.lingered > LINGER_BYTES else data
        else:
            connection.received += data
        if not data:
            self._leave(connection)
            self._drop(connection)
        elif connection.queue is not self.closing:
            self._proceed(connection)

    def _proceed(self, connection: Connection) -> None:
        """To a thread with a whole request; on with the waiting else."""
        # Some clients send an empty line after a body (RFC 9112, section 2.2).
        connection.received = connection.received.lstrip(b"\r\n")
        if heads.is_whole(connection.received):
            self._leave(connection)
            connection.parser.unreader.unread(connection.received)
            if heads.is_probe(connection.received) and _takes_an_answer(connection.sock):
                self._answer_at_once(connection)
            else:
                self.enqueue_req(connection)
        elif connection.received and connection.queue is self.keepalived_conns:
            self._leave(connection)
            self._wait_in(self.pending_conns, connection, HEAD_SECONDS)

    def _answer_at_once(self, connection: Connection) -> None:
        """``/health`` asks nobody and needs no thread, so nothing that others do can hold it up."""
        done: Future[bool] = Future()
        done.set_result(self.handle(connection))
        # Not here: a client that sent a thousand of them would have the main thread to itself.
        self.method_queue.defer(self.finish_request, connection, done)

    def _refuse(self, connection: Connection, status: HTTPStatus) -> None:
        refusals.received.set(connection.received)
        try:
            refusals.send(connection.sock, status)
            connection.sock.setblocking(False)
        except OSError:
            self._drop(connection)
        else:
            self._say_goodbye(connection)

    def _say_goodbye(self, connection: Connection) -> None:
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
        else:
            self._wait_in(self.closing, connection, LINGER_SECONDS)

    def _make_room(self) -> None:
        """Closes the connection that has been idle for the longest, so that somebody new finds a place."""
        if idle := next(iter(self.keepalived_conns), None):
            self._leave(idle)
            self._drop(idle)
        else:
            time.sleep(YIELD_SECONDS)

    def _wait_in(self, queue: dict[Connection, None], connection: Connection, seconds: float) -> None:
        connection.timeout = time.monotonic() + seconds
        connection.queue = queue
        queue[connection] = None
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self._receive, connection))

    def _leave(self, connection: Connection) -> None:
        del connection.queue[connection]
        self.poller.unregister(connection.sock)

    def _drop(self, connection: Connection) -> None:
        self.nr_conns -= 1
        connection.close()

    # --- In a thread ------------------------------------------------------------------------------

    def handle(self, connection: Connection) -> bool:
        refusals.received.set(connection.received)
        connection.parser.unreader.deadline = time.monotonic() + BODY_SECONDS
        return bool(super().handle(connection))

    def handle_request(self, request: Any, connection: Connection) -> bool:
        try:
            return bool(super().handle_request(request, connection))
        except BlockingIOError as error:
            # SO_SNDTIMEO: a client that does not read its answer is as good as gone.
            raise ConnectionResetError(errno.ECONNRESET, "Not read in time") from error

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


def _takes_an_answer(sock: socket.socket) -> bool:
    """Whether a short one would not have to wait until the client reads those before it."""
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLOUT)
    return any(event & select.POLLOUT for _, event in poll.poll(0))


def _overdue(queue: dict[Connection, None]) -> list[Connection]:
    now = time.monotonic()
    found = []
    for connection in queue:
        if connection.timeout > now:
            break
        found.append(connection)
    return found
