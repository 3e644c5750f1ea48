"""A request's body as it comes in, on the main thread: a thread is given whole requests alone."""

from core.rest.bodies import MAX_BODY_BYTES, MAX_DRAIN_BYTES
from todo_project.server import heads
from todo_project.server.framing import CHUNK_LINE, MAX_CHUNK_LINE_BYTES, MAX_TRAILER_BYTES


class Arriving:
    """Adds what comes to ``received``, which begins with the head, until ``is_whole``.

    A body that is too large is thrown away as it comes: its sender reads the answer only when all is sent.
    """

    def __init__(self, received: bytes) -> None:
        self._head_bytes = received.index(heads.END) + len(heads.END)
        # Kept as it was sent, chunks and all.
        self.received = bytearray(received[: self._head_bytes])
        self._end: _Counted | _Chunks = _Chunks() if _is_chunked(received) else _Counted(_length(received))
        self.is_whole = self._end.is_reached
        self._seen = 0
        self._is_thrown_away = False
        self.add(received[self._head_bytes :])

    @property
    def is_large(self) -> bool:
        return self._end.size > MAX_BODY_BYTES

    @property
    def is_endless(self) -> bool:
        """So large, or so broken while it is thrown away, that nobody can wait for its end."""
        return self.is_large and (self._seen > MAX_DRAIN_BYTES or self._end.is_broken)

    @property
    def thrown_away(self) -> int:
        """How large the body was that ``received`` holds nothing of; 0 where it holds all."""
        return self._end.size if self.is_large else 0

    def add(self, data: bytes) -> None:
        self._seen += len(data)
        taken = self._end.find(data)
        self.is_whole = self._end.is_reached
        if self.is_large and not self._is_thrown_away:
            self._is_thrown_away = True
            del self.received[self._head_bytes :]
        # What stands behind its end is the next request.
        self.received += data[taken:] if self.is_large else data


def begin(received: bytes) -> Arriving | None:
    """None where no body is to come, or its end is not to be known: that is refused by who parses the head."""
    if heads.END not in received or heads.find_fault(received):
        return None
    fields = heads.framing_fields(received)
    if len(fields) != 1:
        return None
    if not (_is_chunked(received) or _length(received)):
        return None
    return Arriving(received)


def _is_chunked(received: bytes) -> bool:
    return heads.field(received, "Transfer-Encoding").lower() == "chunked"


def _length(received: bytes) -> int:
    text = heads.field(received, "Content-Length")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else 0


class _Counted:
    is_broken = False

    def __init__(self, size: int) -> None:
        self.size = size
        self._left = size

    @property
    def is_reached(self) -> bool:
        return self._left == 0

    def find(self, data: bytes) -> int:
        """How much of it belongs to the body."""
        taken = min(self._left, len(data))
        self._left -= taken
        return taken


class _Chunks:
    """Follows the sizes alone; whether all else is right is for who reads it to say."""

    def __init__(self) -> None:
        self.size = 0
        self.is_broken = False
        self.is_reached = False
        self._line = bytearray()
        # Of the present chunk, with its line's end.
        self._left = 0
        self._trailer_bytes = 0
        self._is_last = False

    def find(self, data: bytes) -> int:
        at = 0
        while at < len(data) and not self.is_reached:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
            else:
                at = self._read_line(data, at)
        return at

    def _read_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at) + 1 or len(data)
        self._line += data[at:end]
        if self._line.endswith(b"\n") or len(self._line) > MAX_CHUNK_LINE_BYTES:
            line = bytes(self._line)
            self._line.clear()
            self._follow(line)
        return end

    def _follow(self, line: bytes) -> None:
        if self._is_last:
            self._trailer_bytes += len(line)
            self.is_reached = line == b"\r\n"
            self.is_broken = self._trailer_bytes > MAX_TRAILER_BYTES
        elif line.endswith(b"\r\n") and CHUNK_LINE.fullmatch(line[:-2]):
            size = int(line.partition(b";")[0], 16)
            self.size += size
            self._left = size + 2 if size else 0
            self._is_last = not size
        else:
            self.is_broken = True
        self.is_reached = self.is_reached or self.is_broken
