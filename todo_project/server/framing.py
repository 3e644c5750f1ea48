"""gunicorn's request, where it takes what RFC 9112 lets a server refuse: what two servers read differently is
how one request is smuggled inside another.
"""

import re
import socket
import time
from typing import Any, Final

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import (
    InvalidChunkExtension,
    InvalidHeader,
    InvalidRequestLine,
    NoMoreData,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader

from todo_project.server import heads

RECEIVE_BYTES: Final = 64 * 1024
# Of one chunk's size with its extensions, and of the fields after the last.
MAX_CHUNK_LINE_BYTES: Final = 4096
MAX_TRAILER_BYTES: Final = 16 * 1024
CHUNK_LINE: Final = re.compile(rb"[0-9A-Fa-f]{1,15}[ \t]*(;[\t -~\x80-\xff]*)?")
ABSOLUTE: Final = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)


class TimedUnreader(SocketUnreader):  # type: ignore[misc] # gunicorn is untyped
    """Raises ``TimeoutError`` when ``deadline`` has passed, however the bytes were dripping in."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, RECEIVE_BYTES)
        self.deadline = 0.0
        # The size of the next request's body, where it was too large to be kept.
        self.thrown_away = 0

    def chunk(self) -> bytes:
        self.sock.settimeout(max(self.deadline - time.monotonic(), 0.001))
        try:
            data: bytes = self.sock.recv(self.mxchunk)
        finally:
            self.sock.settimeout(0)
        return data


class StrictRequest(Request):  # type: ignore[misc] # gunicorn is untyped
    headers: list[tuple[str, str]]
    uri: str
    path: str
    body: Any

    def parse(self, unreader: Any) -> bytes:
        received = unreader.take_buffered()
        if fault := heads.find_fault(received):
            raise fault
        unreader.unread(received)
        unused: bytes = super().parse(unreader)
        self._settle_target()
        # Answered by whoever has waited for the body.
        self._expected_100_continue = False
        return unused

    def _peer_trusted_for_forwarded(self) -> tuple[dict[str, str], list[str]]:
        # Nobody (gunicorn.conf.py), so no address needs to be looked at.
        return {}, []

    def _settle_target(self) -> None:
        """One form for the application: a path, and the host that was meant (RFC 9112, section 3.2)."""
        if self.version >= (1, 1) and not any(name == "HOST" for name, _ in self.headers):
            raise InvalidHeader("HOST")
        if match := ABSOLUTE.match(self.uri):
            self.headers = [field for field in self.headers if field[0] != "HOST"] + [("HOST", match[1])]
            rest = self.uri[match.end() :]
            self.uri = rest if rest.startswith("/") else f"/{rest}"
            self.path = self.path or "/"
        elif self.uri == "*":
            self.uri = self.path = "/"
        elif not self.uri.startswith("/"):
            raise InvalidRequestLine("")

    @property
    def is_read(self) -> bool:
        """Whether nothing of the body is left."""
        reader = self.body.reader.reader
        return isinstance(reader, LengthReader) and reader.length == 0 and self.body.buf.tell() == 0

    def set_body_reader(self) -> None:
        codings = [value for name, value in self.headers if name == "TRANSFER-ENCODING"]
        # The only one there is here; what stands beside it would be undone by nobody.
        if any(word.strip().lower() != "chunked" for value in codings for word in value.split(",")):
            raise UnsupportedTransferCoding("")
        super().set_body_reader()
        if size := self.unreader.thrown_away:
            self.unreader.thrown_away = 0
            rest = [field for field in self.headers if field[0] not in ("TRANSFER-ENCODING", "CONTENT-LENGTH")]
            self.headers = [*rest, ("CONTENT-LENGTH", str(size))]
            self.body = Body(LengthReader(self.unreader, 0))
        elif isinstance(self.body.reader, ChunkedReader):
            self.body = Body(StrictChunkedReader(self, self.unreader))
        self.body.reader = _ClosingReader(self, self.body.reader)


class StrictParser(RequestParser):  # type: ignore[misc] # gunicorn is untyped
    mesg_class = StrictRequest

    def __init__(self, cfg: Any, source: socket.socket, source_addr: Any) -> None:
        super().__init__(cfg, source, source_addr)
        self.unreader = TimedUnreader(source)

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Nearly always there is nothing left, and no need to set the socket's time limits for it, twice a request."""
        return self.mesg is None or self.mesg.is_read or bool(super().finish_body(deadline, max_bytes))


class StrictChunkedReader(ChunkedReader):  # type: ignore[misc] # gunicorn is untyped
    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> tuple[int, bytes | None]:
        data = _read_until(unreader, data or b"", b"\r\n", MAX_CHUNK_LINE_BYTES)
        line = data.partition(b"\r\n")[0]
        if len(line) > MAX_CHUNK_LINE_BYTES or not CHUNK_LINE.fullmatch(line):
            raise InvalidChunkExtension("")
        size, rest = super().parse_chunk_size(unreader, data)
        return size, rest

    def parse_trailers(self, unreader: Any, data: bytes) -> None:
        # The last chunk's own line end counts: without trailers the empty line is all there is.
        data = _read_until(unreader, b"\r\n" + data, heads.END, MAX_TRAILER_BYTES)[2:]
        super().parse_trailers(unreader, data)


class _ClosingReader:
    """After a body that broke off nobody knows where the next request begins: the connection ends with it."""

    def __init__(self, request: StrictRequest, reader: Any) -> None:
        self._request = request
        self.reader = reader

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self.reader.read(size)
        except BaseException:
            self._request.force_close()
            raise
        return data


def _read_until(unreader: Any, data: bytes, end: bytes, limit: int) -> bytes:
    while end not in data:
        if len(data) > limit:
            raise InvalidChunkExtension("")
        more = unreader.read()
        if not more:
            raise NoMoreData()
        data += more
    return data
