"""One client, and where it waits."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn

from todo_project.server import heads
from todo_project.server.arriving import Arriving
from todo_project.server.framing import StrictParser
from todo_project.server.outgoing import Outgoing


class Connection(TConn):  # type: ignore[misc] # gunicorn is untyped
    """``received`` is what has come of the next request, of one that is whole its head; ``place`` where the
    connection waits.
    """

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, Outgoing(sock), client, server)
        self.parser: Any = StrictParser(cfg, self.sock, client)
        self.initialized = True
        self.received = b""
        self.arriving: Arriving | None = None
        # When the request was whole.
        self.arrived = 0.0
        # Whether another request may follow the answer that is being sent.
        self.is_kept = False
        self.lingered = 0
        self.since = 0.0
        self.place: Place | None = None
        # Who hears what is still to come of an answer that stays open, and how that is framed.
        self.listener: Any = None
        self.is_chunked = False

    @property
    def held_bytes(self) -> int:
        return len(self.arriving.received) if self.arriving else 0

    def leave(self, poller: Any) -> None:
        """The place where it waits."""
        assert self.place
        self.place.leave(self, poller)

    def hand_over(self) -> None:
        """To who parses and answers it: the whole request, and what came behind."""
        received = self.received
        if self.arriving:
            received = bytes(self.arriving.received)
            self.parser.unreader.thrown_away = self.arriving.thrown_away
            self.received = received[: received.index(heads.END) + len(heads.END)]
        self.arrived = time.monotonic()
        self.parser.unreader.unread(received)

    def let_parser_go(self) -> None:
        """With the request that it keeps: none is to follow."""
        self.parser = None
        self.received = b""

    def is_writable(self) -> bool:
        """Whether a short answer would not have to wait until the client reads those before it."""
        return bool(self.sock.unsent == 0 and self.sock.has_room())


class Place:
    """Those that wait for the same, equally long, so in the order of their deadlines; on the main thread alone."""

    def __init__(self, seconds: float, event: int = selectors.EVENT_READ) -> None:
        self.seconds = seconds
        self._event = event
        self._waiting: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._waiting)

    def enter(self, connection: Connection, poller: Any, wake: Callable[[Connection, Any], None]) -> None:
        connection.since = time.monotonic()
        connection.place = self
        self._waiting[connection] = None
        poller.register(connection.sock, self._event, partial(wake, connection))

    def leave(self, connection: Connection, poller: Any) -> None:
        del self._waiting[connection]
        connection.place = None
        poller.unregister(connection.sock)

    def all(self) -> list[Connection]:
        """In one step, for other threads."""
        return list(self._waiting)

    def prolong(self, connection: Connection) -> None:
        """As if it came in only now."""
        del self._waiting[connection]
        self._waiting[connection] = None
        connection.since = time.monotonic()

    def overdue(self, seconds: float | None = None) -> list[Connection]:
        until = time.monotonic() - (self.seconds if seconds is None else seconds)
        found = []
        for connection in self._waiting:
            if connection.since > until:
                break
            found.append(connection)
        return found
