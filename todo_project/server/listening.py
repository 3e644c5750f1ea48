"""Answers that stay open, as server-sent events do: each costs a socket, no thread and no database connection."""

import resource
import socket
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from todo_project.server.connection import Connection, Place
from todo_project.server.watching import Watching

if TYPE_CHECKING:
    from todo_project.server.gathering import GatheringWorker

# Contract section 10.
HEARTBEAT_SECONDS: Final = 15.0
# In one turn of the main thread, which others wait for.
BEATS: Final = 64
# In one process, of the connections that it may have; and of one user there.
SHARE: Final = 2
MOST_OF_USER: Final = 100
# A client whose machine or network is gone acknowledges nothing.
SILENCE_MS: Final = 60_000
# What a client sends although it has asked for no more.
MAX_NOISE_BYTES: Final = 4096
RETRY_SECONDS: Final = 60


class KeptOpen:
    """An answer of which gunicorn sends the beginning alone."""

    def __init__(self, answer: Any, listener: Any, connection: Connection, response: Any) -> None:
        self._answer = answer
        self._listener = listener
        self._connection = connection
        self._response = response
        # What is sent last ends the connection.
        response.force_close()

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer
        self._connection.listener = self._listener
        self._connection.is_chunked = self._response.chunked
        # Or gunicorn would write the end.
        self._response.chunked = False

    def close(self) -> None:
        self._answer.close()


class Listening:
    """A ``Room`` (``core.rest.events``); on the main thread but for ``check`` and what ``Watching`` copies."""

    def __init__(self, worker: "GatheringWorker") -> None:
        self._worker = worker
        self.place = Place(HEARTBEAT_SECONDS)
        self._of_user: dict[str, dict[Connection, None]] = {}
        # The number that was told last.
        self._told: dict[str, int] = {}
        self.is_open = True
        # More is due than one turn has time for.
        self.is_behind = False
        self._most = min(worker.worker_connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0]) // SHARE
        self._watching = Watching(self, worker.method_queue.defer)

    def check(self, user_id: str) -> None:
        # gunicorn loads its worker, and this, before Django is set up.
        from core.errors import TooManyRequests, Unavailable

        if len(self._of_user.get(user_id, ())) >= MOST_OF_USER:
            raise TooManyRequests("too_many_streams", limit=MOST_OF_USER, retry_after_seconds=RETRY_SECONDS)
        if len(self.place) >= self._most:
            raise Unavailable("streams_full")

    def told(self) -> dict[str, int]:
        return self._told.copy()

    def is_awaited(self, user_id: str) -> bool:
        return user_id in self._told

    def all(self) -> list[Connection]:
        return self.place.all()

    def take(self, connection: Connection) -> None:
        """Its answer has begun."""
        connection.let_parser_go()
        if connection.sock.unsent:
            self._worker.drop(connection)
            return
        if hasattr(socket, "TCP_USER_TIMEOUT") and connection.sock.family != socket.AF_UNIX:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MS)
        self.place.enter(connection, self._worker.poller, self._receive)
        listener = connection.listener
        self._of_user.setdefault(listener.user_id, {})[connection] = None
        told = self._told.setdefault(listener.user_id, listener.version)
        if told > listener.version:
            self._tell(connection, told)
        if self.is_open:
            self._watching.start()
        else:
            self.end([connection])

    def tell(self, news: Mapping[str, int]) -> None:
        """The newest numbers by user."""
        for user_id, version in news.items():
            if version > self._told.get(user_id, version):
                self._told[user_id] = version
            for connection in [*self._of_user.get(user_id, ())]:
                if connection.listener.version < version:
                    self._tell(connection, version)

    def end(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            if connection.place is self.place and self._send(connection, b""):
                self._leave(connection)
                self._worker.say_goodbye(connection)

    def close(self) -> None:
        """Who comes again is served elsewhere, or after the restart."""
        self.is_open = False
        self.end(self.place.all())

    def tend(self) -> None:
        from core.rest.events import HEARTBEAT

        due = self.place.overdue()
        self.is_behind = len(due) > BEATS
        for connection in islice(due, BEATS):
            if self._send(connection, HEARTBEAT):
                self.place.prolong(connection)

    def _tell(self, connection: Connection, version: int) -> None:
        from tasks.journal import live

        connection.listener.version = version
        self._send(connection, live.write(version))

    def _send(self, connection: Connection, data: bytes) -> bool:
        """Nothing ends the answer. Whoever has not read what is in the kernel's buffers does not read."""
        framed = b"%x\r\n%b\r\n" % (len(data), data) if connection.is_chunked else data
        try:
            connection.sock.sendall(framed)
        except OSError:
            self._drop(connection)
            return False
        if connection.sock.unsent:
            self._drop(connection)
            return False
        return True

    def _receive(self, connection: Connection, _: Any = None) -> None:
        if connection.place is not self.place:
            # Ended since the poller spoke.
            return
        try:
            data = connection.sock.recv(MAX_NOISE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.lingered += len(data)
        if not data or connection.lingered > MAX_NOISE_BYTES:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._leave(connection)
        self._worker.drop(connection)

    def _leave(self, connection: Connection) -> None:
        connection.leave(self._worker.poller)
        user_id = connection.listener.user_id
        others = self._of_user[user_id]
        del others[connection]
        if not others:
            del self._of_user[user_id], self._told[user_id]
