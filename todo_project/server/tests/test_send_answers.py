"""What is sent to a client at once, and what is kept until it reads on."""

import socket
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse

from todo_project.server.outgoing import MAX_UNSENT_BYTES, InOnePiece, Outgoing

LARGE = b"x" * 3_000_000


@pytest.fixture
def ends() -> Iterator[tuple[Outgoing, socket.socket]]:
    here, there = socket.socketpair()
    there.settimeout(10)
    with Outgoing(here) as outgoing, there:
        yield outgoing, there


def read(there: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += there.recv(1_000_000)
    return received


class Response:
    def __init__(self, sock: Outgoing) -> None:
        self.write: Callable[[bytes], None] = sock.sendall


def test_head_and_body_leave_together(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        first = client.recv(65536)

    head, _, body = first.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 Not Found")
    assert body.startswith(b"{")


def test_what_does_not_fit_follows_in_order(ends: tuple[Outgoing, socket.socket]) -> None:
    outgoing, there = ends
    answer = InOnePiece(HttpResponse([b"body", LARGE]), Response(outgoing), outgoing)

    outgoing.sendall(b"before")
    assert list(answer) == []
    assert 0 < outgoing.unsent < len(LARGE)
    assert list(InOnePiece(HttpResponse(b"behind"), Response(outgoing), outgoing)) == []
    received = b""
    while not outgoing.flush():
        received += there.recv(1_000_000)
    wanted = b"before" + b"body" + LARGE + b"behind"
    received += read(there, len(wanted) - len(received))

    assert received == wanted


def test_an_answer_that_fails_sends_nothing_and_holds_nothing_back(ends: tuple[Outgoing, socket.socket]) -> None:
    outgoing, there = ends

    def write(data: bytes) -> None:
        outgoing.sendall(data)
        raise RuntimeError

    response = Response(outgoing)
    response.write = write
    with pytest.raises(RuntimeError):
        list(InOnePiece(HttpResponse(b"half"), response, outgoing))
    outgoing.sendall(b"whole")

    assert there.recv(100) == b"whole"


def test_an_answer_that_was_written_piece_by_piece_is_one(ends: tuple[Outgoing, socket.socket]) -> None:
    outgoing, there = ends
    answer = HttpResponse()
    for number in range(5000):
        answer.write(f"{number}\n")

    assert list(InOnePiece(answer, Response(outgoing), outgoing)) == []

    assert read(there, len(answer.content)) == answer.content


def test_who_reads_nothing_is_gone(ends: tuple[Outgoing, socket.socket]) -> None:
    outgoing, _ = ends
    outgoing.sendall(LARGE)

    with pytest.raises(ConnectionResetError), outgoing.in_one_piece():
        outgoing.sendall(b"x" * MAX_UNSENT_BYTES)


def test_nothing_makes_it_wait(ends: tuple[Outgoing, socket.socket]) -> None:
    outgoing, _ = ends

    outgoing.setblocking(True)

    with pytest.raises(BlockingIOError):
        outgoing.recv(1)
