"""What the main thread does with answers that stay open, on sockets without a server."""

import selectors
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from core.errors import TooManyRequests, Unavailable
from core.rest.events import HEARTBEAT
from todo_project.server import listening, watching
from todo_project.server.connection import Connection
from todo_project.server.listening import BEATS, Listening

Join = Callable[..., socket.socket]


class Worker:
    """As much of one as ``Listening`` asks for."""

    def __init__(self) -> None:
        self.poller = selectors.DefaultSelector()
        self.worker_connections = 1000
        self.method_queue = SimpleNamespace(defer=lambda act, *arguments: act(*arguments))
        self.dropped: list[Connection] = []
        self.dismissed: list[Connection] = []

    def drop(self, connection: Connection) -> None:
        self.dropped.append(connection)
        connection.close()

    def say_goodbye(self, connection: Connection) -> None:
        self.dismissed.append(connection)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.poller.close()


@pytest.fixture
def room(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> Listening:
    monkeypatch.setattr(watching.Watching, "start", lambda _: None)
    found: Any = worker
    return Listening(found)


@pytest.fixture
def join(room: Listening) -> Iterator[Join]:
    """Has somebody listen; returns their end."""
    ends: list[socket.socket] = []

    def join(user_id: str = "alice", version: int = 0) -> socket.socket:
        ours, theirs = socket.socketpair()
        connection = Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        ends.extend((theirs, connection.sock))
        connection.listener = SimpleNamespace(user_id=user_id, version=version)
        connection.is_chunked = True
        room.take(connection)
        return theirs

    yield join
    for end in ends:
        end.close()


def heard(end: socket.socket) -> bytes:
    end.setblocking(False)
    try:
        return end.recv(65536)
    except BlockingIOError:
        return b""


def event(version: int) -> bytes:
    data = b'id: %d\nevent: change\ndata: {"version":%d}\n\n' % (version, version)
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_all_of_a_user_are_told_what_they_have_not_heard(room: Listening, join: Join) -> None:
    first, second, other = join(), join(version=3), join("bob")

    room.tell({"alice": 3, "nobody": 9})
    room.tell({"alice": 2})

    assert (heard(first), heard(second), heard(other)) == (event(3), b"", b"")
    assert room.told() == {"alice": 3, "bob": 0}


def test_who_comes_with_an_older_number_is_told_at_once(room: Listening, join: Join) -> None:
    join()
    room.tell({"alice": 5})

    assert heard(join(version=4)) == event(5)
    assert heard(join(version=5)) == b""


def test_silent_streams_are_kept_alive_some_at_a_time(room: Listening, join: Join) -> None:
    ends = [join() for _ in range(BEATS + 3)]
    room.tend()
    assert [heard(end) for end in ends] == [b""] * len(ends)

    room.place.seconds = -1
    room.tend()
    assert room.is_behind
    assert [heard(end) != b"" for end in ends] == [True] * BEATS + [False] * 3
    room.tend()
    assert heard(ends[-1]) == b"%x\r\n%b\r\n" % (len(HEARTBEAT), HEARTBEAT)


def test_who_reads_nothing_is_dropped_and_costs_no_memory(worker: Worker, room: Listening, join: Join) -> None:
    join()
    other = join()
    [slow, _] = room.all()
    for version in range(1, 100_000):
        room.tell({"alice": version})
        heard(other)
        if worker.dropped:
            break

    assert worker.dropped == [slow]
    assert len(room.place) == 1
    room.tell({"alice": 200_000})
    assert heard(other) == event(200_000)


def test_who_has_gone_is_forgotten(worker: Worker, room: Listening, join: Join) -> None:
    join().close()
    for key, _ in worker.poller.select(1):
        key.data(key.fileobj)

    assert len(worker.dropped) == 1
    assert (room.all(), room.told()) == ([], {})


def test_the_end_is_told_once(worker: Worker, room: Listening, join: Join) -> None:
    end = join()
    [connection] = room.all()

    room.end([connection, connection])
    room.close()

    assert heard(end) == b"0\r\n\r\n"
    assert worker.dismissed == [connection]
    # Who comes now is let go at once.
    assert heard(join()) == b"0\r\n\r\n"


def test_there_is_room_for_so_many(
    worker: Worker, room: Listening, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_OF_USER", 2)
    monkeypatch.setattr(room, "_most", 3)
    for user_id in ("alice", "alice", "bob"):
        room.check(user_id)
        join(user_id)

    with pytest.raises(TooManyRequests, match="streams"):
        room.check("alice")
    with pytest.raises(Unavailable, match="streams"):
        room.check("bob")
    assert room.all()[0].listener.user_id == "alice"
    room.end(room.all()[:1])
    room.check("alice")
