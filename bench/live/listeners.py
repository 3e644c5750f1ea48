"""Many who listen to ``/events``, in one thread, and when each of them hears something."""

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from bench.cast import Person

PATIENCE_SECONDS: Final = 30.0
EVENT: Final = b"event: change\n"


class Listeners:
    """Each person's streams, all in place and told the present number."""

    def __init__(self, base: str, people: Sequence[Person], each: int) -> None:
        self._address = urlsplit(base)
        self._selector = selectors.DefaultSelector()
        self._heard: dict[str, list[float]] = {user_id: [] for user_id, _ in people}
        self._is_over = threading.Event()
        self._sockets = [self._open(*person) for _ in range(each) for person in people]
        self.each = each

    def __len__(self) -> int:
        return len(self._sockets)

    def run(self) -> None:
        while not self._is_over.is_set():
            for key, _ in self._selector.select(0.1):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr] # a socket, as all are
                if not data:
                    self._selector.unregister(key.fileobj)
                elif EVENT in data:
                    self._heard[key.data].append(time.perf_counter())

    def wait_for_all(self, user_id: str, since: float) -> float:
        """Seconds until the last of this person's streams heard something. Raises ``TimeoutError``."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            heard = [at for at in self._heard[user_id] if at > since]
            if len(heard) >= self.each:
                return max(heard) - since
            time.sleep(0.005)
        raise TimeoutError(f"{len(heard)} of {self.each} streams heard of a change.")

    def close(self) -> None:
        self._is_over.set()

    def hang_up(self) -> None:
        for each in self._sockets:
            each.close()
        self._selector.close()

    def _open(self, user_id: str, token: str) -> socket.socket:
        opened = socket.create_connection((self._address.hostname or "", self._address.port or 80), PATIENCE_SECONDS)
        fields = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
        opened.sendall(f"GET /api/{user_id}/events HTTP/1.1\r\n{fields}".encode())
        received = b""
        while b'data: {"version"' not in received:
            data = opened.recv(65536)
            if not data or (received and not received.startswith(b"HTTP/1.1 200")):
                raise ConnectionError(received[:300])
            received += data
        opened.setblocking(False)
        self._selector.register(opened, selectors.EVENT_READ, user_id)
        return opened


@contextmanager
def listening(base: str, people: Sequence[Person], each: int) -> Iterator[Listeners]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = Listeners(base, people, each)
    thread = threading.Thread(target=found.run)
    thread.start()
    try:
        yield found
    finally:
        found.close()
        thread.join()
        found.hang_up()
