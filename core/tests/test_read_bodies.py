"""What of a request's body reaches the application, whatever the server and the client make of it."""

import logging
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from wsgiref.types import StartResponse

import pytest

from core.rest import bodies
from core.rest.bodies import FAULT, INCOMPLETE, TOO_LARGE, TOO_SLOW, BufferedBody

MEGABYTE = 1024 * 1024


class Endless:
    """Sends as long as it is read."""

    def __init__(self) -> None:
        self.sent = 0

    def read(self, size: int) -> bytes:
        self.sent += size
        return b"x" * size


class BreaksOff(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("reset")


def passed_on(stream: Any, **environ: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        given.update(environ)
        return iter([])

    BufferedBody(application)({"wsgi.input": stream, **environ}, lambda *_: lambda _: None)
    return given


def received(stream: Any, **environ: Any) -> tuple[bytes, str | None, str | None]:
    """The body, the fault and the length that an application is given."""
    given = passed_on(stream, **environ)
    return given["wsgi.input"].read(), given.get(FAULT), given.get("CONTENT_LENGTH")


@pytest.mark.parametrize("size", [1, 100_000, MEGABYTE])
def test_a_body_of_up_to_a_megabyte_arrives_whole(size: int) -> None:
    body = bytes(number % 251 for number in range(size))

    assert received(BytesIO(body + b"next"), CONTENT_LENGTH=str(size)) == (body, None, str(size))


@pytest.mark.parametrize("size", [0, 1, 100_000, MEGABYTE])
def test_a_chunked_body_gets_the_length_that_django_wants(size: int) -> None:
    body = b"x" * size

    assert received(BytesIO(body), **{"wsgi.input_terminated": True}) == (body, None, str(size))


def test_a_body_of_more_is_too_large_and_read_to_its_end() -> None:
    stream = BytesIO(b"x" * (MEGABYTE + 1))

    assert received(stream, CONTENT_LENGTH=str(MEGABYTE + 1)) == (b"", TOO_LARGE, "0")
    assert stream.read() == b""


def test_a_chunked_body_of_more_is_too_large() -> None:
    assert received(BytesIO(b"x" * (MEGABYTE + 1)), **{"wsgi.input_terminated": True}) == (b"", TOO_LARGE, "0")


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": str(10**15)}, {"wsgi.input_terminated": True}])
def test_a_body_without_end_is_read_no_further_than_its_bound(environ: dict[str, Any]) -> None:
    stream = Endless()

    assert received(stream, **environ) == (b"", TOO_LARGE, "0")
    assert stream.sent == 64 * MEGABYTE


@pytest.mark.parametrize("sent", [b"", b"half"])
def test_a_body_that_ends_early_is_incomplete_and_none_of_it_arrives(sent: bytes) -> None:
    assert received(BytesIO(sent), CONTENT_LENGTH="8") == (b"", INCOMPLETE, "0")


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "8"}, {"wsgi.input_terminated": True}])
def test_a_body_that_breaks_off_is_incomplete_and_told_without_its_words(
    environ: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, bodies.__name__)

    assert received(BreaksOff(), **environ) == (b"", INCOMPLETE, "0")

    assert caplog.messages == ["A request body broke off (OSError)"]


@pytest.mark.parametrize(("seconds", "fault"), [(10.0, None), (10.1, TOO_SLOW)])
def test_a_body_may_take_ten_seconds(monkeypatch: pytest.MonkeyPatch, seconds: float, fault: str | None) -> None:
    instants = iter([0.0, seconds, seconds])
    monkeypatch.setattr(bodies, "time", SimpleNamespace(monotonic=lambda: next(instants)))

    body, found, _ = received(BytesIO(b"{}"), CONTENT_LENGTH="2")

    assert (body, found) == (b"" if fault else b"{}", fault)


def test_a_body_that_is_whole_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter([0.0, 9.9, 10.1])
    monkeypatch.setattr(bodies, "time", SimpleNamespace(monotonic=lambda: next(instants)))

    assert received(BytesIO(b"{}"), CONTENT_LENGTH="2") == (b"{}", None, "2")


@pytest.mark.parametrize("environ", [{}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": "-1"}])
def test_where_no_body_is_announced_none_is_read(environ: dict[str, str]) -> None:
    stream = Endless()

    given = passed_on(stream, **environ)

    assert given["wsgi.input"] is stream
    assert stream.sent == 0
    assert FAULT not in given
