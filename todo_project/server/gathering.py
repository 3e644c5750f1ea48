"""What clients send, gathered by the main thread into whole requests."""

import errno
import time
from http import HTTPStatus
from typing import Any, Final

from todo_project.server import arriving, heads
from todo_project.server.connection import Connection, Place
from todo_project.server.framing import RECEIVE_BYTES
from todo_project.server.lifetime import LastingWorker

# Long enough for another process to wake up, and no limit that a machine would reach.
YIELD_SECONDS: Final = 0.0005
# From its first byte to its end.
HEAD_SECONDS: Final = 10
BODY_SECONDS: Final = 30
# How long, and for how much, a connection that ends is read on: what is unread when it closes would make the
# kernel take back the answer (RFC 9112, section 9.6).
LINGER_SECONDS: Final = 2
LINGER_BYTES: Final = 1024 * 1024
# Of all bodies that are coming in; small ones find room all the same.
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
SMALL_BYTES: Final = 64 * 1024
NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class GatheringWorker(LastingWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # For a request's first byte, the rest of a head, of a body, the client's goodbye.
        self.idle = self.keepalived_conns = Place(self.cfg.keepalive)
        self.heads = Place(HEAD_SECONDS)
        self.bodies = Place(BODY_SECONDS)
        self.closing = Place(LINGER_SECONDS)
        self.held_bytes = 0

    def ask(self, connection: Connection) -> None:
        """Has a whole request answered."""
        raise NotImplementedError

    def answer_at_once(self, connection: Connection) -> None:
        raise NotImplementedError

    def refuse(self, connection: Connection, status: HTTPStatus) -> None:
        raise NotImplementedError

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
        self.last_accepted = time.monotonic()
        connection = Connection(self.cfg, sock, client, listener.getsockname())
        self.wait_in(self.idle, connection)
        # Nearly always the request came along.
        self._receive(connection)
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def wait_in(self, place: Place, connection: Connection) -> None:
        place.enter(connection, self.poller, self._receive)

    def proceed(self, connection: Connection) -> None:
        """To a thread with a whole request; on with the waiting else."""
        # Some clients send an empty line after a body (RFC 9112, section 2.2).
        connection.received = connection.received.lstrip(b"\r\n")
        if heads.is_whole(connection.received):
            connection.leave(self.poller)
            if heads.is_probe(connection.received) and connection.is_writable():
                self.answer_at_once(connection)
            else:
                self._gather(connection)
        elif connection.received and connection.place is self.idle:
            connection.leave(self.poller)
            self.wait_in(self.heads, connection)

    def drop(self, connection: Connection) -> None:
        self.nr_conns -= 1
        self.let_go(connection)
        connection.close()

    def let_go(self, connection: Connection) -> None:
        """Of what was held of its request."""
        self.held_bytes -= connection.held_bytes
        connection.arriving = None

    def murder_pending(self) -> None:
        for place in (self.heads, self.bodies):
            for connection in place.overdue():
                connection.leave(self.poller)
                self.refuse(connection, _too_late(connection))

    def _receive(self, connection: Connection, _: Any = None) -> None:
        if connection.place is None:
            # Closed since the poller spoke, to make room.
            return
        try:
            data = connection.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if connection.place is self.bodies:
            self._receive_body(connection, data)
            return
        if connection.place is self.closing:
            connection.lingered += len(data)
            data = b"" if connection.lingered > LINGER_BYTES else data
        else:
            connection.received += data
        if not data:
            connection.leave(self.poller)
            self.drop(connection)
        elif connection.place is not self.closing:
            self.proceed(connection)

    def _receive_body(self, connection: Connection, data: bytes) -> None:
        body = connection.arriving
        assert body
        self.held_bytes -= connection.held_bytes
        body.add(data)
        self.held_bytes += connection.held_bytes
        if body.is_endless or (self.held_bytes > MAX_HELD_BYTES and connection.held_bytes > SMALL_BYTES):
            connection.leave(self.poller)
            self.refuse(
                connection, HTTPStatus.REQUEST_ENTITY_TOO_LARGE if body.is_large else HTTPStatus.SERVICE_UNAVAILABLE
            )
        elif body.is_whole or not data:
            # One that breaks off is told so by who reads it.
            connection.leave(self.poller)
            self.ask(connection)

    def _gather(self, connection: Connection) -> None:
        connection.arriving = arriving.begin(connection.received)
        self.held_bytes += connection.held_bytes
        if connection.arriving is None or connection.arriving.is_whole:
            self.ask(connection)
            return
        try:
            if heads.waits_for_permission(connection.received):
                connection.sock.sendall(CONTINUE)
        except OSError:
            self.drop(connection)
        else:
            self.wait_in(self.bodies, connection)

    def _make_room(self) -> None:
        """Closes the connection that has been idle for the longest, so that somebody new finds a place."""
        if idle := next(iter(self.idle), None):
            idle.leave(self.poller)
            self.drop(idle)
        else:
            time.sleep(YIELD_SECONDS)


def _too_late(connection: Connection) -> HTTPStatus:
    is_large = connection.arriving and connection.arriving.is_large
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if is_large else HTTPStatus.REQUEST_TIMEOUT
