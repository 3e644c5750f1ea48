"""Streams of events on real servers: told by any worker, ended with what opened them, at no thread's cost."""

import json
import re
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from core import news
from testing import redis_server, sockets
from testing.databases import copied_database
from testing.service import Server, answering, environment, free_port, serving, wait_until
from todo_project.env.values import WORKER_THREADS

# When to give up on what comes with a look or a few, on a machine with much else to do.
VISIBLE_SECONDS = 20.0
ENDED_SECONDS = 40.0
# Over all workers, each of which takes what it takes.
WORKERS = 2
MOST_OF_USER = 100
# Only what it is told makes it look.
WITHOUT_LOOKS = """
from todo_project.server import watching

watching.LOOK_SECONDS = 3600.0
from todo_project.wsgi import application
"""


class Stream:
    """An answer to ``/events`` as it comes."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""
        self.is_over = False

    def read_until(self, text: bytes, seconds: float) -> float:
        """How long it took. Also ends with the stream."""
        started = time.monotonic()
        while text not in self.received and not self.is_over:
            left = started + seconds - time.monotonic()
            assert left > 0, self.received
            self.connection.settimeout(left)
            try:
                data = self.connection.recv(65536)
            except (TimeoutError, ConnectionResetError) as error:
                data = b"" if isinstance(error, ConnectionResetError) else pytest.fail(repr(self.received))
            self.received += data
            self.is_over = not data
        return time.monotonic() - started

    def read_to_end(self, seconds: float) -> bytes:
        self.read_until(b"\0", seconds)
        assert self.is_over, self.received
        return self.received

    @property
    def versions(self) -> list[int]:
        return [int(number) for number in re.findall(rb'data: {"version":(\d+)}', self.received)]

    def wait_for(self, version: int) -> float:
        seconds = self.read_until(b'"version":%d}' % version, VISIBLE_SECONDS)
        assert self.versions[-1] == version
        return seconds


@dataclass
class Person:
    server: Server
    id: str
    token: str

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body).encode()
        kind = {"Content_Type": "application/json"} if body is not None else {}
        status, _, content = self.server.send(path, sent, method=method, Authorization=f"Bearer {self.token}", **kind)
        return status, json.loads(content) if content else None

    def add(self) -> int:
        """A task; the number of its creation."""
        assert self.send("POST", f"/api/{self.id}/tasks", {"title": "Buy milk"})[0] == 201
        return int(self.send("GET", f"/api/{self.id}/tasks?limit=1")[1]["meta"]["version"])

    @contextmanager
    def listening(self, *fields: str, version: str = "1.1", head: str = "200 OK") -> Iterator[Stream]:
        lines = [f"GET /api/{self.id}/events HTTP/{version}", "Host: localhost", f"Authorization: Bearer {self.token}"]
        with sockets.connect(self.server.port) as connection:
            connection.sendall("\r\n".join([*lines, *fields, "\r\n"]).encode())
            stream = Stream(connection)
            stream.read_until(b"\r\n\r\n", VISIBLE_SECONDS)
            assert stream.received.startswith(f"HTTP/1.1 {head}\r\n".encode()) or version == "1.0", stream.received
            if head.startswith("200"):
                stream.read_until(b"retry: ", VISIBLE_SECONDS)
            yield stream


def sign_up(server: Server) -> Person:
    body = {"email": f"{secrets.token_hex(6)}@example.com", "password": "correct horse battery"}
    status, _, content = server.send("/api/auth/signup", json.dumps(body).encode(), Content_Type="application/json")
    assert status == 201, content
    pair = json.loads(content)
    return Person(server, pair["user"]["id"], pair["access_token"])


@pytest.fixture(scope="module")
def server(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("live")
    settings = {"WEB_CONCURRENCY": str(WORKERS), "API_RATE_LIMIT": "100000/min", "AUTH_RATE_LIMIT": "1000/min"}
    with copied_database(template, home) as url, serving(home / "log", {"DATABASE_URL": url, **settings}) as running:
        yield running


@pytest.fixture
def carol(server: Server) -> Person:
    return sign_up(server)


def test_every_stream_hears_of_every_change(server: Server, carol: Person) -> None:
    dave = sign_up(server)
    with ExitStack() as stack:
        streams = [stack.enter_context(carol.listening()) for _ in range(8)]
        others = stack.enter_context(dave.listening())
        for stream in streams:
            stream.wait_for(0)
        for _ in range(3):
            version = carol.add()
            for stream in streams:
                stream.wait_for(version)
        assert all(stream.versions == sorted(set(stream.versions)) for stream in streams)
        dave.add()
        others.wait_for(1)
        assert others.versions == [0, 1]
    assert b"Everybody's rows are open to: live events" in server.log.read_bytes()


def test_it_begins_where_the_last_one_ended(carol: Person) -> None:
    version = carol.add()
    with carol.listening(f"Last-Event-ID: {version}", f"Origin: {sockets.ORIGIN}") as stream:
        assert f"access-control-allow-origin: {sockets.ORIGIN}\r\n" in stream.received.decode().lower()
        assert b"Content-Type: text/event-stream\r\n" in stream.received
        assert b"X-Accel-Buffering: no\r\n" in stream.received
        stream.wait_for(carol.add())
        assert stream.versions == [version + 1]


def test_more_streams_than_threads_hold_nobody_up(server: Server, carol: Person) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(carol.listening()) for _ in range(60)]
        started = time.monotonic()
        version = carol.add()
        assert time.monotonic() - started < VISIBLE_SECONDS
        for stream in streams:
            stream.wait_for(version)


def test_a_user_has_so_many_and_is_told_so(server: Server, carol: Person) -> None:
    dave = sign_up(server)
    with ExitStack() as stack:
        for _ in range(MOST_OF_USER * WORKERS + 1):
            stream = stack.enter_context(open_raw(carol))
            stream.read_until(b"\r\n\r\n", VISIBLE_SECONDS)
            if not stream.received.startswith(b"HTTP/1.1 200"):
                break
        assert stream.received.startswith(b"HTTP/1.1 429"), stream.received
        stream.read_until(b"too_many_streams", VISIBLE_SECONDS)
        with dave.listening() as theirs:
            theirs.wait_for(0)


@contextmanager
def open_raw(person: Person) -> Iterator[Stream]:
    with sockets.connect(person.server.port) as connection:
        head = (
            f"GET /api/{person.id}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\n\r\n"
        )
        connection.sendall(head.encode())
        yield Stream(connection)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_it_ends_with_its_session(carol: Person, version: str) -> None:
    with carol.listening(version=version) as stream, carol.listening(version=version) as other:
        stream.wait_for(0)

        assert carol.send("POST", "/api/auth/logout", {})[0] == 200

        for ended in (stream, other):
            received = ended.read_to_end(ENDED_SECONDS)
            # In chunks, where those are known: so who reads can tell an end from a break.
            assert received.endswith(b"0\r\n\r\n") == (version == "1.1")
            assert (b"Transfer-Encoding" in received) == (version == "1.1")
    with carol.listening(head="401 Unauthorized") as refused:
        refused.read_until(b"session_ended", VISIBLE_SECONDS)


def test_who_talks_or_leaves_is_let_go(server: Server, carol: Person) -> None:
    with carol.listening() as stream:
        stream.connection.sendall(b"x" * 5000)
        stream.read_until(b"\0", ENDED_SECONDS)
        assert stream.is_over
    for _ in range(3):
        with carol.listening() as stream:
            stream.wait_for(0)
    with carol.listening() as stream:
        stream.wait_for(carol.add())


def test_a_server_that_leaves_ends_its_streams_and_opens_no_more(own_database: str, tmp_path: Path) -> None:
    # Longer than anybody takes to come, and not waited for in the end.
    settings = {"DATABASE_URL": own_database, "WEB_CONCURRENCY": "1", "DRAIN_SECONDS": "60"}
    with serving(tmp_path / "log", settings) as leaving:
        person = sign_up(leaving)
        with person.listening() as stream:
            leaving.process.send_signal(signal.SIGTERM)
            assert stream.read_to_end(ENDED_SECONDS).endswith(b"0\r\n\r\n")
        with person.listening("Connection: close") as late:
            # What there is, and the end of it.
            assert late.read_to_end(ENDED_SECONDS).endswith(b'data: {"version":0}\n\n')
        leaving.process.kill()


def subscribers(redis_url: str) -> int:
    with redis.Redis.from_url(redis_url) as client:
        [(_, count)] = client.pubsub_numsub(news.CHANNEL)
    return int(count)


@pytest.mark.skipif(not redis_server.is_installed(), reason="redis-server is not installed")
def test_redis_tells_it_at_once_and_may_be_away(template: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(WITHOUT_LOOKS)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", f"--pythonpath={tmp_path}", "planted:application"]
    with redis_server.stoppable() as running, copied_database(template, tmp_path) as url:
        settings = {"DATABASE_URL": url, "WEB_CONCURRENCY": "1", "REDIS_URL": running.url}
        variables = environment(settings | {"HOST": "127.0.0.1", "PORT": str(port)})
        with (
            serving(tmp_path / "log", settings) as server,
            answering(command, port, tmp_path / "log-without-looks", variables) as other,
        ):
            person = sign_up(server)
            with Person(other, person.id, person.token).listening() as stream:
                wait_until(lambda: subscribers(running.url) == 1)
                for _ in range(3):
                    stream.wait_for(person.add())

            with person.listening() as stream:
                running.process.terminate()
                running.process.wait()
                stream.wait_for(person.add())


def test_eighty_streams_take_no_threads_of_their_own(server: Server, carol: Person) -> None:
    def threads() -> int:
        workers = re.findall(r"Booting worker with pid: (\d+)", server.log.read_text())
        return sum(len([*Path(f"/proc/{pid}/task").iterdir()]) for pid in workers)

    with ExitStack() as stack:
        stack.enter_context(carol.listening())
        before = threads()
        for _ in range(80):
            stack.enter_context(carol.listening())
        # Those that answer begin as they are needed, and are no more than that.
        assert threads() <= before + 2 * WORKER_THREADS
