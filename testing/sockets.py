"""HTTP as bytes on a socket, for what no client library would send."""

import json
import re
import socket
from dataclasses import dataclass
from typing import Any, Final

PATIENCE_SECONDS: Final = 20
ORIGIN: Final = "http://localhost:3000"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_problem(self, status: int, code: str) -> bool:
        """One that a page of ``ORIGIN`` can read, whoever wrote it."""
        assert self.status == status, self
        assert self.headers["content-type"] == "application/problem+json"
        assert self.headers["access-control-allow-origin"] == ORIGIN
        assert "X-Request-ID" in self.headers["access-control-expose-headers"]
        assert self.headers["x-request-id"] == self.json["request_id"]
        assert self.json["status"] == status
        return bool(self.json["code"] == code)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def send(port: int, data: bytes, *, count: int = 1) -> list[Reply]:
    with connect(port) as connection:
        connection.sendall(data)
        return read(connection, count)


def read(connection: socket.socket, count: int) -> list[Reply]:
    """What comes until the end, or until ``count`` answers are there."""
    received = b""
    while len(split(received)) < count:
        try:
            chunk = connection.recv(65536)
        except (TimeoutError, ConnectionResetError):
            break
        if not chunk:
            break
        received += chunk
    return split(received)


def split(received: bytes) -> list[Reply]:
    replies = []
    while b"\r\n\r\n" in received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            break
        match = re.match(r"HTTP/1\.[01] (\d{3}) ", first)
        assert match, first
        replies.append(Reply(int(match[1]), headers, rest[:length]))
        received = rest[length:]
    return replies
