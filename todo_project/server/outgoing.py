"""A client's socket to which whoever answers never waits."""

import errno
import select
import socket
import time
from typing import Final

# From the first byte that a client did not take to its last.
SEND_SECONDS: Final = 30
# The largest answer is a page of 4 MB; a stream whose reader is so far behind has none.
MAX_UNSENT_BYTES: Final = 16 * 1024 * 1024
PIECE_BYTES: Final = 256 * 1024


class Outgoing(socket.socket):
    """What the kernel has no room for is kept, for the main thread to send when there is (``flush``)."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._unsent = bytearray()
        self._behind_since = 0.0

    @property
    def unsent(self) -> int:
        """How many bytes."""
        return len(self._unsent)

    def sendall(self, data: "bytes | bytearray | memoryview", flags: int = 0, /) -> None:  # type: ignore[override] # socket's takes any buffer
        """Raises ``ConnectionResetError`` for a client that does not read: it is as good as gone."""
        if not self.flush():
            self._check_reader(len(data))
            self._unsent += data
            return
        view = memoryview(data)
        sent = self._send_some(view)
        if sent < len(view):
            self._behind_since = time.monotonic()
            self._unsent += view[sent:]

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
