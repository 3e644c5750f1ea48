"""What may go wrong with a model, what is tried again, and what the person is told."""

import json
import logging
import socket
from collections.abc import Callable

import pytest

from assistant.tests.model_calls import KEY, Asked, Connect, prompt, took
from assistant.tools.definitions import TOOLS
from core.errors import SENTENCES, BadGateway, Unavailable
from testing.model_answers import (
    ModelAnswer,
    breaks_off,
    calls,
    fails,
    fails_in_the_stream,
    fails_like_gemini,
    garbles,
    goes_on,
    says,
    shows_a_page,
    slow,
    stalls,
    streams,
)
from testing.model_server import REQUEST_ID, ModelServer
from testing.service import wait_until

pytestmark = pytest.mark.once

# What is waited for where nothing comes, which others that answer must not be; and longer than either.
PATIENCE, OTHERS_PATIENCE, TOO_LONG = 2.0, 20, 30


def patience(answer: ModelAnswer) -> float:
    return PATIENCE if answer.seconds_before else OTHERS_PATIENCE


@pytest.mark.parametrize(
    "answer",
    [
        fails(408),
        fails(429),
        fails(500),
        fails(503),
        shows_a_page(502),
        fails_like_gemini(503),
        slow(TOO_LONG, says("Too late")),
        breaks_off(says("Hello"), after=0),
        breaks_off(calls(("list_tasks", {})), after=3),
        fails_in_the_stream(502),
        fails_in_the_stream("server_error"),
        # Gemini says nothing now and then.
        streams(),
        streams({"role": "assistant"}, finish=None),
    ],
)
def test_what_may_pass_is_tried_again(connect: Connect, model_server: ModelServer, answer: ModelAnswer) -> None:
    model_server.script(answer, answer, says("Hello"))
    asked = Asked(connect(read_seconds=patience(answer)))
    assert asked.reply.text == "".join(asked.written) == "Hello"
    assert not model_server.left


@pytest.mark.parametrize("answer", [fails(429), fails(500), slow(TOO_LONG, says("Too late"))])
def test_after_two_retries_the_model_is_away(connect: Connect, model_server: ModelServer, answer: ModelAnswer) -> None:
    model_server.script(answer, answer, answer, says("Never asked for"))
    with pytest.raises(Unavailable) as caught:
        Asked(connect(read_seconds=patience(answer)))
    assert (caught.value.code, caught.value.message) == ("model_unavailable", SENTENCES["model_unavailable"])
    assert caught.value.__cause__ is not None
    assert model_server.left == 1


@pytest.mark.parametrize(
    "answer",
    [
        fails(400),
        fails(401, message=f"Incorrect API key provided: {KEY}"),
        fails(403),
        fails(404),
        fails(422),
        fails_like_gemini(400),
        shows_a_page(404),
        shows_a_page(200),
        streams(finish=None),
        fails_in_the_stream(400),
        garbles(says("Hello"), after=0),
        garbles(says("Hello"), after=3),
        streams({"content": [5]}),
        streams({"tool_calls": ["Hello"]}),
        streams({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "", "arguments": "{}"}}]}),
        streams({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "x", "arguments": [5]}}]}),
        streams({"tool_calls": [{"index": 0, "id": "a", "function": "x"}]}),
        streams(finish="length"),
        streams(finish="content_filter"),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b"data: 5\n\ndata: [DONE]\n\n"),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b'data: {"choices": 5}\n\n'),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b'data: {"choices": [5]}\n\n'),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b'data: {"choices": [{"delta": 5}]}\n\n'),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b"data: \xff\xfe\n\n"),
        ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=b"data: " + b"[" * 100_000 + b"\n\n"),
        ModelAnswer(
            headers={"Content-Type": "text/event-stream"}, body=b'data: {"a":' * 100 + b"1" + b"}" * 100 + b"\n\n"
        ),
        streams({"extra": json.loads("[" * 101 + "]" * 101)}),
        streams({"extra": json.loads("[" * 900 + "]" * 900)}),
        streams({"extra": json.loads('{"a":' * 900 + "1" + "}" * 900)}),
        ModelAnswer(
            headers={"Content-Type": "text/event-stream"},
            body=b'data: {"choices": [{"delta": {"extra": ' + b"[" * 5000 + b"]" * 5000 + b"}}]}\n\n",
        ),
        ModelAnswer(status=301, headers={"Location": "http://127.0.0.1:9/v1"}, body=b""),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    connect: Connect, model_server: ModelServer, answer: ModelAnswer
) -> None:
    model_server.script(answer, says("Never asked for"))
    with pytest.raises(BadGateway) as caught:
        Asked(connect())
    assert (caught.value.code, caught.value.message) == ("model_failed", SENTENCES["model_failed"])
    assert model_server.left == 1


@pytest.mark.parametrize("deep", [".a" * 900, "()" * 900, "[0]" * 900])
def test_python_that_nobody_unwinds_is_no_call(connect: Connect, model_server: ModelServer, deep: str) -> None:
    text = f"add_task{deep}(title='Tea')"
    model_server.script(says(f"```tool_code\n{text}\n```"))
    reply = Asked(connect(), prompt(tools=TOOLS)).reply
    assert reply.calls == ()
    assert text in reply.text


def test_a_model_that_keeps_silent_has_failed(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(streams(), streams(), streams())
    with pytest.raises(BadGateway):
        Asked(connect())


@pytest.mark.parametrize(
    "answer",
    [
        # A spent account answers so for weeks.
        fails(429, code="insufficient_quota"),
        ModelAnswer(status=503, headers={"x-should-retry": "false"}, body=b""),
    ],
)
def test_who_is_away_for_long_is_not_asked_again(
    connect: Connect, model_server: ModelServer, answer: ModelAnswer
) -> None:
    model_server.script(answer, says("Never asked for"))
    with pytest.raises(Unavailable):
        Asked(connect())
    assert model_server.left == 1


@pytest.mark.parametrize("trouble", [breaks_off, garbles, lambda answer, after: stalls(TOO_LONG, answer, after=after)])
def test_once_text_was_written_nothing_is_tried_again(
    connect: Connect, model_server: ModelServer, trouble: Callable[..., ModelAnswer]
) -> None:
    model_server.script(trouble(says("Hello, how are you?"), after=3), says("Never asked for"))
    written: list[str] = []
    with pytest.raises((Unavailable, BadGateway)):
        connect(read_seconds=PATIENCE).reply(prompt(), written.append)
    assert "".join(written) == "Hello, h"
    assert model_server.left == 1


def test_nobody_listening_is_away(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable):
        Asked(connect(base_url=f"http://127.0.0.1:{port}/v1"))


def test_a_short_retry_after_is_kept_to(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(fails(429, retry_after=1), says("Hello"))
    assert took(lambda: Asked(connect())) >= 1


def test_a_retry_after_beyond_the_deadline_is_not_waited_for(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(fails(429, retry_after=60), says("Never asked for"))

    def ask() -> None:
        with pytest.raises(Unavailable):
            Asked(connect())

    assert took(ask) < 30
    assert model_server.left == 1


def test_what_write_raises_ends_the_call_at_once(connect: Connect, model_server: ModelServer) -> None:
    """A person who hung up; the error is nobody else's, whatever its kind."""

    def hang_up(text: str) -> None:
        raise ConnectionResetError(text)

    model_server.script(goes_on(), says("Never asked for"))
    # Held, and with it the frames of the call: nothing may wait for them to be collected.
    with pytest.raises(ConnectionResetError) as held:
        connect().reply(prompt(), hang_up)
    wait_until(lambda: model_server.hang_ups == 1)
    assert model_server.left == 1
    assert held.value.args == ("word after word ",)


def test_an_endpoint_that_refuses_whatever_is_sent_has_failed(connect: Connect, model_server: ModelServer) -> None:
    model_server.always = fails(400, message="Not with stream_options, nor with reasoning_effort.")
    with pytest.raises(BadGateway):
        Asked(connect())
    assert len(model_server.requests) == 3


def test_a_request_id_cannot_fill_the_log(
    connect: Connect, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    model_server.script(ModelAnswer(status=400, headers={"x-request-id": "x" * 5000}, body=b""))
    with pytest.raises(BadGateway):
        Asked(connect())
    [line] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(line) < 200


def test_one_line_of_the_log_says_what_failed_and_nothing_of_what_was_said(
    connect: Connect, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    model_server.script(fails(401, message=f"Incorrect API key provided: {KEY}. You said: hidden"))
    with caplog.at_level(logging.INFO), pytest.raises(BadGateway) as caught:
        Asked(connect(), prompt(text="hidden"))
    [line] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line == f"The model failed after 0 retries: status 401, request '{REQUEST_ID}'"
    assert KEY not in caplog.text + caught.value.message
    assert "hidden" not in caplog.text + caught.value.message
