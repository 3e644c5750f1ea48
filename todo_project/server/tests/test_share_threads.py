"""Many requests on one connection, and what others hold while somebody asks."""

import json
import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from testing import sockets
from testing.service import MIGRATE, output, serving

pytestmark = pytest.mark.once

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Who waits for a thread that somebody holds waits for at least 10.
SOON_SECONDS = 9
# gunicorn's own answer to the second of three came after 75, when it had given up waiting for it.
GIVEN_UP_SECONDS = 60
THREADS = 8


@pytest.fixture(scope="module")
def dora(port: int) -> Any:
    body = json.dumps({"email": "dora@example.com", "password": "correct horse battery"}).encode()
    fields = b"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return sockets.send(port, b"POST /api/auth/signup HTTP/1.1\r\n" + fields + body)[0].json


def creation(dora: Any, title: str) -> bytes:
    body = json.dumps({"title": title}).encode()
    return (
        f"POST /api/{dora['user']['id']}/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {dora['access_token']}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def takes(port: int, data: bytes, count: int) -> tuple[list[sockets.Reply], float]:
    with sockets.connect(port) as connection:
        started = time.monotonic()
        connection.sendall(data)
        replies = sockets.read(connection, count)
        return replies, time.monotonic() - started


def is_healthy_soon(port: int) -> bool:
    replies, seconds = takes(port, HEALTH, 1)
    return replies[0].status == 200 and seconds < SOON_SECONDS


@pytest.mark.parametrize("count", [2, 3, 50])
@pytest.mark.parametrize("path", [b"/health", b"/", b"/nope"])
def test_pipelined_requests_are_all_answered(port: int, path: bytes, count: int) -> None:
    request = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"

    replies, seconds = takes(port, request * count, count)

    assert len(replies) == count
    assert len({reply.status for reply in replies}) == 1
    assert seconds < GIVEN_UP_SECONDS


@pytest.mark.parametrize("count", [3, 50])
def test_pipelined_bodies_keep_their_order(port: int, dora: Any, count: int) -> None:
    titles = [f"Number {number}" for number in range(count)]

    # Some clients send an empty line behind a body.
    replies, seconds = takes(port, b"\r\n".join(creation(dora, title) for title in titles), count)

    assert [reply.json["title"] for reply in replies] == titles
    assert seconds < GIVEN_UP_SECONDS


def test_a_request_in_pieces_behind_another_is_answered_when_it_is_there(port: int, dora: Any) -> None:
    data = creation(dora, "Whole") + creation(dora, "In pieces")
    with sockets.connect(port) as connection:
        for start in range(0, len(data), 100):
            connection.sendall(data[start : start + 100])
            time.sleep(0.02)
        replies = sockets.read(connection, 2)

    assert [reply.json["title"] for reply in replies] == ["Whole", "In pieces"]


def test_nothing_behind_a_last_request_is_answered(port: int) -> None:
    last = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert len(sockets.send(port, last + HEALTH, count=2)) == 1


@pytest.mark.parametrize("sent", [b"", b"GET /hea", b"GET /nope HTTP/1.1\r\nHost: localhost\r\n"])
def test_clients_that_send_no_request_hold_nobody(port: int, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(sockets.connect(port)).sendall(sent)
        time.sleep(0.2)
        assert is_healthy_soon(port)
        [reply], seconds = takes(port, b"GET /nope HTTP/1.1\r\nHost: localhost\r\n\r\n", 1)
        assert reply.status == 404
        assert seconds < SOON_SECONDS


def test_clients_that_do_not_close_hold_nobody(port: int) -> None:
    last = b"GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        # Each could hold a thread for the two seconds that its end is waited for.
        for _ in range(8 * THREADS):
            stack.enter_context(sockets.connect(port)).sendall(last)
        time.sleep(0.2)
        assert is_healthy_soon(port)


def test_health_is_answered_while_every_thread_is_held(port: int) -> None:
    body_to_come = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            stack.enter_context(sockets.connect(port)).sendall(body_to_come)
        time.sleep(0.5)
        assert is_healthy_soon(port)
        assert is_healthy_soon(port)
        assert takes(port, HEALTH * 20, 20)[1] < SOON_SECONDS


def test_a_client_that_reads_no_answers_does_not_hold_health(port: int) -> None:
    with sockets.connect(port) as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.setblocking(False)
        # Until nothing more is taken from it.
        while select.select([], [greedy], [], 0.5)[1]:
            greedy.send(HEALTH * 1000)
        assert is_healthy_soon(port)


def test_with_every_place_taken_the_longest_idle_makes_room(tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "WEB_CONCURRENCY": "1",
        "GUNICORN_CMD_ARGS": "--worker-connections=20",
    }
    output(MIGRATE, settings)
    with serving(tmp_path / "log", settings) as server, ExitStack() as stack:
        port = server.port
        idle = [stack.enter_context(sockets.connect(port)) for _ in range(40)]
        time.sleep(0.5)
        assert is_healthy_soon(port)
        assert idle[0].recv(1) == b""
        idle[-1].sendall(HEALTH)
        assert sockets.read(idle[-1], 1)[0].status == 200
