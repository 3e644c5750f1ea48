"""The thread between a turn and its client: silence, and ends that nobody waits for."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from assistant import streams
from assistant.streams import HungUp, Line, stream
from core.rest.events import HEARTBEAT

pytestmark = pytest.mark.django_db
BODY = {"conversation_id": 1, "response": "Hello.", "tool_calls": [], "pending_action": None}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streams, "POLL_SECONDS", 0.02)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The service's end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def ask(ours: socket.socket | None = None) -> Request:
    request = RequestFactory().post("/")
    if ours:
        request.META["gunicorn.socket"] = ours
    return Request(request)


def read(response: StreamingHttpResponse) -> list[bytes]:
    return [bytes(part) for part in response]


def test_silence_is_filled_with_comments(ends: tuple[socket.socket, socket.socket]) -> None:
    beats = threading.Semaphore(0)

    def work(line: Line) -> Mapping[str, Any]:
        # Silent for as long as two comments take, before its first event and after it.
        for _ in range(2):
            assert beats.acquire(timeout=30)
        line.hear("Hello.")
        for _ in range(2):
            assert beats.acquire(timeout=30)
        return BODY

    started = time.monotonic()
    parts = []
    for part in stream(ask(ends[0]), work):
        parts.append(bytes(part))
        if part == HEARTBEAT:
            beats.release()

    assert HEARTBEAT.startswith(b":")
    hello, done = (place for place, part in enumerate(parts) if part != HEARTBEAT)
    assert hello >= 2
    assert parts[hello] == b'event: message\ndata: {"delta":"Hello."}\n\n'
    assert done == len(parts) - 1
    assert parts[done].startswith(b"event: done\ndata: {")
    # None comes sooner than its time.
    assert time.monotonic() - started >= streams.HEARTBEAT_SECONDS * (len(parts) - 2)


def test_text_with_lines_stays_one_event() -> None:
    def work(line: Line) -> Mapping[str, Any]:
        line.hear("a\n\nevent: done\ndata: {}\r\n\u2028")
        return BODY

    first = read(stream(ask(), work))[0]

    assert first.count(b"\n") == 3
    assert b"\r" not in first


@pytest.mark.parametrize("after", [0, 1])
def test_who_hangs_up_is_noticed_in_the_silence(ends: tuple[socket.socket, socket.socket], after: int) -> None:
    ours, theirs = ends
    ended = threading.Event()
    outcome: list[BaseException] = []

    def work(line: Line) -> Mapping[str, Any]:
        if after:
            line.hear("Hello.")
        theirs.close()
        assert line.is_cut.wait(30)
        try:
            line.hear("")
        except HungUp as error:
            outcome.append(error)
            ended.set()
            raise
        return BODY

    parts = read(stream(ask(ours), work))

    assert ended.wait(30)
    assert len(outcome) == 1
    assert [part for part in parts if part != HEARTBEAT][after:] == []


def test_what_was_sent_too_early_is_no_end(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b"POST / HTTP/1.1\r\n")

    def work(line: Line) -> Mapping[str, Any]:
        time.sleep(0.2)
        line.hear("Hello.")
        return BODY

    parts = read(stream(ask(ours), work))

    assert parts[-1].startswith(b"event: done")
    assert ours.recv(5) == b"POST "


def test_a_response_that_is_closed_early_cuts_the_turn() -> None:
    cut = threading.Event()

    def work(line: Line) -> Mapping[str, Any]:
        line.hear("Hello.")
        if line.is_cut.wait(30):
            cut.set()
        return BODY

    response = stream(ask(), work)
    next(iter(response))
    response.close()

    assert cut.wait(30)


def test_a_surprise_after_the_first_event_is_an_error_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def work(line: Line) -> Mapping[str, Any]:
        line.hear("Hello.")
        raise ZeroDivisionError("Secret")

    parts = read(stream(ask(), work))

    assert parts[-1].startswith(b"event: error\ndata: {")
    assert b'"code":"server_error"' in parts[-1]
    assert b"Secret" not in parts[-1]
    assert "A chat turn failed" in caplog.text


def test_a_surprise_before_it_is_raised() -> None:
    def work(line: Line) -> Mapping[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stream(ask(), work)
