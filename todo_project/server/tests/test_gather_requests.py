"""Bodies that come slowly and answers that are not read, which hold no thread."""

import json
import socket
import time
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

import pytest

from core.rest.bodies import MAX_BODY_BYTES
from testing import sockets
from testing.service import serving
from todo_project.server import arriving, refusals
from todo_project.server.tests.test_share_threads import HEALTH, SOON_SECONDS, THREADS, is_healthy_soon

pytestmark = pytest.mark.once

NOPE = b"GET /nope HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /api/auth/refresh HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SCRIPT = b"/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def is_served_soon(port: int) -> bool:
    started = time.monotonic()
    return sockets.send(port, NOPE)[0].status == 404 and time.monotonic() - started < SOON_SECONDS


@pytest.mark.parametrize("framing", [b"Content-Length: 9\r\n\r\n", CHUNKED + b"9\r\n"])
def test_bodies_that_do_not_come_hold_nobody(port: int, framing: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(sockets.connect(port)).sendall(HEAD + framing + b"{")
        time.sleep(0.2)
        assert is_served_soon(port)


def test_answers_that_are_not_read_hold_nobody(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            deaf.sendall(b"GET " + SCRIPT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.5)
        assert is_healthy_soon(port)
        assert is_served_soon(port)


def test_an_answer_that_is_read_slowly_is_whole_and_the_connection_goes_on(port: int) -> None:
    whole = sockets.send(port, b"GET " + SCRIPT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")[0].body
    assert len(whole) > 1_000_000
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(20)
        slow.connect(("127.0.0.1", port))
        slow.sendall(b"GET " + SCRIPT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEALTH)
        time.sleep(0.5)
        replies = sockets.read(slow, 2)

    assert replies[0].body == whole
    assert replies[1].json["status"] == "healthy"


@pytest.mark.parametrize(
    "body", [b"Content-Length: 2\r\n\r\n{}", CHUNKED + b"1;a\r\n{\r\n1\r\n}\r\n0\r\nX-Last: a\r\n\r\n"]
)
def test_a_body_byte_by_byte_is_read_and_the_next_request_is_found(port: int, body: bytes) -> None:
    with sockets.connect(port) as connection:
        for byte in HEAD + body + HEALTH:
            connection.sendall(bytes([byte]))
        replies = sockets.read(connection, 2)

    assert [reply.status for reply in replies] == [422, 200]


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES])
def test_behind_a_body_in_chunks_that_is_too_large_the_next_request_is_found(port: int, size: int) -> None:
    body = b"%x\r\n" % size + b" " * size + b"\r\n0\r\n\r\n"

    replies = sockets.send(port, HEAD + CHUNKED + body + HEALTH, count=2)

    assert [reply.status for reply in replies] == [413, 200]


def test_who_waits_to_be_told_to_go_on_is(port: int) -> None:
    with sockets.connect(port) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert [reply.status for reply in sockets.read(connection, 1)] == [422]
        # Who sends it all the same need not be told.
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}")
        assert [reply.status for reply in sockets.read(connection, 1)] == [422]


def test_a_stream_of_chunks_without_an_end_is_refused_where_nobody_would_read_it() -> None:
    body = arriving.begin(HEAD + CHUNKED)
    assert body
    while not body.is_endless:
        body.add(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        assert not body.is_whole
        # Nothing of it is kept.
        assert len(body.received) < 2 * MAX_BODY_BYTES


def test_what_the_server_itself_refuses_for_want_of_room_says_when_to_come_again() -> None:
    head, _, body = refusals.render(HTTPStatus.SERVICE_UNAVAILABLE).partition(b"\r\n\r\n")

    assert b"Retry-After: 5" in head
    assert json.loads(body)["code"] == "unavailable"


@pytest.mark.parametrize("pieces", [1, 7, 1000])
@pytest.mark.parametrize("size", [0, 1, 1000, MAX_BODY_BYTES, MAX_BODY_BYTES + 1, 5_000_000])
def test_however_it_comes_the_same_is_held(size: int, pieces: int) -> None:
    text = json.dumps({"title": "x"}).encode().ljust(size)[:size]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:10], text[10:]) if part)
    for framing, sent in ((b"Content-Length: %d\r\n\r\n" % size, text), (CHUNKED, chunks + b"0\r\n\r\n")):
        body = arriving.begin(HEAD + framing)
        if body is None:
            assert size == 0
            continue
        rest = sent + HEALTH
        step = max(1, len(rest) // pieces)
        for start in range(0, len(rest), step):
            body.add(rest[start : start + step])
        assert body.is_whole
        kept = HEAD + framing + (b"" if size > MAX_BODY_BYTES else sent) + HEALTH
        assert bytes(body.received) == kept
        assert body.thrown_away == (size if size > MAX_BODY_BYTES else 0)


def test_who_comes_when_too_many_wait_is_told_to_come_again(tmp_path: Path) -> None:
    """Each of eight threads waits four seconds for a database that does not answer; as long do twice as many others."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        settings = {
            "DATABASE_URL": f"postgresql://todo:x@127.0.0.1:{silent.getsockname()[1]}/todo",
            "WEB_CONCURRENCY": "1",
        }
        body = b'{"email": "carol@example.com", "password": "a long enough phrase 42"}'
        request = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n" % sockets.ORIGIN.encode()
        request += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        with serving(tmp_path / "log", settings) as server, ExitStack() as stack:
            waiting = [stack.enter_context(sockets.connect(server.port)) for _ in range(3 * THREADS)]
            started = time.monotonic()
            for connection in waiting:
                connection.sendall(request)
            answers = [sockets.read(connection, 1)[0] for connection in waiting]
            # One after the other they would have waited three times as long.
            assert time.monotonic() - started < 12
            assert is_healthy_soon(server.port)

    for answer in answers:
        assert answer.is_problem(503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
