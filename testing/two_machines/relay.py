"""A port that stays, before servers that each test has anew: the instances were told of it once."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self._there = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def lead_to(self, port: int) -> None:
        """From now on; whoever was led elsewhere is cut off."""
        with self._lock:
            self._there = port
            for line in self._open:
                _cut(line)

    @contextmanager
    def led(self, here: socket.socket) -> Iterator[socket.socket]:
        with self._lock:
            there = socket.create_connection(("127.0.0.1", self._there))
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open |= {here, there}
        try:
            yield there
        finally:
            with self._lock:
                self._open -= {here, there}
                there.close()


class _Handler(socketserver.BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        # Refused where the server of a test is gone already.
        with suppress(ConnectionRefusedError), self.server.led(self.request) as there:
            back = threading.Thread(target=_pump, args=(there, self.request))
            back.start()
            _pump(self.request, there)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while read := source.recv(65536):
            sink.sendall(read)
    # HTTP knows no connection that is open in one direction.
    for line in (source, sink):
        _cut(line)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying() -> Iterator[Relay]:
    with Relay() as relay:
        thread = threading.Thread(target=relay.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield relay
        finally:
            relay.lead_to(0)
            relay.shutdown()
            thread.join()
