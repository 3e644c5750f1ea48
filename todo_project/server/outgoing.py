"""A client's socket to which whoever answers never waits."""

import errno
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

# From the first byte that a client did not take to its last.
SEND_SECONDS: Final = 30
# The largest answer is a page of 4 MB; a stream whose reader is so far behind has none.
MAX_UNSENT_BYTES: Final = 16 * 1024 * 1024
PIECE_BYTES: Final = 256 * 1024


class Outgoing(socket.socket):
    """What the kernel has no room for is kept, for the main thread to send when there is (``flush``)."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        super().setblocking(False)
        self._unsent = bytearray()
        self._behind_since = 0.0
        # What is to leave together; None: each by itself.
        self._pieces: list[bytes | bytearray | memoryview] | None = None

    def setblocking(self, flag: bool, /) -> None:
        """It never does; gunicorn would have it changed twice a request."""

    @property
    def unsent(self) -> int:
        """How many bytes."""
        return len(self._unsent)

    def sendall(self, data: "bytes | bytearray | memoryview", flags: int = 0, /) -> None:  # type: ignore[override] # socket's takes any buffer
        """Raises ``ConnectionResetError`` for a client that does not read: it is as good as gone."""
        if self._pieces is not None:
            self._pieces.append(data)
            return
        if not self.flush():
            self._check_reader(len(data))
            self._unsent += data
            return
        view = memoryview(data)
        sent = self._send_some(view)
        if sent < len(view):
            self._behind_since = time.monotonic()
            self._unsent += view[sent:]

    @contextmanager
    def in_one_piece(self) -> Iterator[None]:
        """What the block sends leaves at its end. Raises ``OSError``."""
        pieces: list[bytes | bytearray | memoryview] = []
        self._pieces = pieces
        try:
            yield
        finally:
            self._pieces = None
        sent = 0
        if self.flush():
            with suppress(BlockingIOError):
                sent = self.sendmsg(pieces, (), socket.MSG_DONTWAIT)
        if sent < sum(len(piece) for piece in pieces):
            self.sendall(b"".join(pieces)[sent:])

    def flush(self) -> bool:
        """Sends what goes without waiting; whether that was all. Raises ``OSError``."""
        while self._unsent:
            with memoryview(self._unsent) as view, view[:PIECE_BYTES] as piece:
                sent = self._send_some(piece)
            if not sent:
                return False
            del self._unsent[:sent]
        return True

    def _send_some(self, view: memoryview) -> int:
        sent = 0
        while sent < len(view):
            try:
                sent += self.send(view[sent:], socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
        return sent

    def _check_reader(self, more: int) -> None:
        is_late = time.monotonic() - self._behind_since > SEND_SECONDS
        if is_late or self.unsent + more > MAX_UNSENT_BYTES:
            raise ConnectionResetError(errno.ECONNRESET, "What was sent is not read.")

    def has_room(self) -> bool:
        poll = select.poll()
        poll.register(self.fileno(), select.POLLOUT)
        return any(event & select.POLLOUT for _, event in poll.poll(0))


class InOnePiece:
    """An answer whose head and body leave together: gunicorn sends one after the other, and wakes the client twice."""

    def __init__(self, answer: Any, response: Any, sock: Outgoing) -> None:
        self._answer = answer
        self._response = response
        self._sock = sock

    def __iter__(self) -> Iterator[bytes]:
        with self._sock.in_one_piece():
            # One piece however often it was written to: the kernel takes 1024 at once (IOV_MAX).
            self._response.write(self._answer.content)
        return iter(())

    def close(self) -> None:
        self._answer.close()
