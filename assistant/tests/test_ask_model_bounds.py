"""No answer of a model lasts longer than its turn, or grows beyond all use."""

import socket
import threading
import time

import pytest

from assistant.providers.openai import connection
from assistant.tests.model_calls import Asked, Connect, prompt, took
from core.errors import BadGateway, Unavailable
from testing.model_answers import ModelAnswer, calls, drips, goes_on, says, slow, stalls, streams
from testing.model_server import ModelServer

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "answer",
    [
        slow(30, says("Hello")),
        stalls(30, says("Hello"), after=3),
        # The wait that began shortly before.
        stalls(30, drips(0.1, says("Hello")), after=3),
        drips(0.1, says("Hello " * 300)),
        # What drips may be no event at all.
        drips(0.1, streams(*[{} for _ in range(300)])),
    ],
)
def test_no_answer_outlives_the_deadline(connect: Connect, model_server: ModelServer, answer: ModelAnswer) -> None:
    model_server.script(answer, says("Never asked for"))

    def ask() -> None:
        with pytest.raises(Unavailable):
            Asked(connect(), prompt(seconds=1))

    # Of thirty.
    assert 0.9 < took(ask) < 12
    assert model_server.left == 1


def test_after_the_deadline_nobody_is_asked(connect: Connect, model_server: ModelServer) -> None:
    with pytest.raises(Unavailable):
        Asked(connect(), prompt(seconds=-1))
    assert not model_server.requests


@pytest.mark.parametrize(
    "answer",
    [
        goes_on(),
        calls(("add_task", {"title": "x" * 70_000})),
        calls(*[("list_tasks", {})] * 65),
        streams(*[{"reasoning_content": "x" * 100_000}] * 90),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b"data: " + b"x" * 9_000_000),
    ],
)
def test_what_has_no_bounds_is_cut_and_has_failed(
    connect: Connect, model_server: ModelServer, answer: ModelAnswer
) -> None:
    model_server.script(answer, says("Never asked for"))
    asked: list[str] = []
    with pytest.raises(BadGateway):
        connect().reply(prompt(), asked.append)
    assert len("".join(asked)) <= 65_536
    assert model_server.left == 1


def test_an_error_s_body_cannot_drip_for_ever(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=_drip_an_error, args=(server,))
        dripping.start()
        provider = connect(base_url=f"http://127.0.0.1:{server.getsockname()[1]}/v1")

        def ask() -> None:
            with pytest.raises(Unavailable):
                Asked(provider, prompt(seconds=1))

        assert took(ask) < 12
        dripping.join()


def _drip_an_error(server: socket.socket) -> None:
    caller, _ = server.accept()
    with caller:
        caller.recv(65_536)
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(300):
                caller.sendall(b"x")
                time.sleep(0.1)
        except ConnectionError:
            return


def test_the_bounds_hold_for_honest_answers() -> None:
    assert connection.MAX_BYTES > 8192 * 500
