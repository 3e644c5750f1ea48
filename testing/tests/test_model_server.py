"""The scripted model, by plain HTTP: what it sends is what real services send."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest

from testing.callers import in_parallel
from testing.model_answers import (
    Request,
    breaks_off,
    calls,
    fails,
    fails_like_gemini,
    garbles,
    goes_on,
    says,
    shows_a_page,
    slow,
    stalls,
)  # fmt: skip
from testing.model_server import ModelServer
from testing.service import START_SECONDS, wait_until

pytestmark = pytest.mark.once


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


def ask(server: ModelServer, **body: Any) -> HTTPResponse:
    """The connection goes with the response."""
    connection = HTTPConnection(urlsplit(server.base_url).netloc, timeout=10)
    content = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], **body})
    headers = {"Authorization": "Bearer key", "Connection": "close"}
    connection.request("POST", "/v1/chat/completions", content, headers)
    return connection.getresponse()


def events(response: HTTPResponse) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in response.read().decode().split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def deltas(response: HTTPResponse) -> list[Any]:
    return [event["choices"][0]["delta"] for event in events(response) if event["choices"]]


def test_a_stream_gives_the_role_the_text_the_end_and_the_usage(server: ModelServer) -> None:
    server.script(says("Hello!"))
    found = events(ask(server, stream=True, stream_options={"include_usage": True}))

    assert [event["object"] for event in found] == ["chat.completion.chunk"] * 5
    assert found[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [event["choices"][0]["delta"].get("content") for event in found[1:3]] == ["Hell", "o!"]
    assert found[3]["choices"][0]["finish_reason"] == "stop"
    assert (found[4]["choices"], found[4]["usage"]["total_tokens"]) == ([], 150)
    assert found[0]["usage"] is None


def test_the_usage_comes_only_when_asked_for(server: ModelServer) -> None:
    server.script(says("Hello!"))
    assert all(event["choices"] for event in events(ask(server, stream=True)))


def test_without_stream_the_answer_is_one_document(server: ModelServer) -> None:
    server.script(calls(("add_task", {"title": "Milk"}), ("list_tasks", {})))
    found = json.loads(ask(server).read())

    assert found["object"] == "chat.completion"
    wanted = [call["function"] for call in found["choices"][0]["message"]["tool_calls"]]
    assert wanted == [{"name": "add_task", "arguments": '{"title": "Milk"}'}, {"name": "list_tasks", "arguments": "{}"}]


def test_parallel_calls_arrive_in_fragments_by_index(server: ModelServer) -> None:
    server.script(calls(("add_task", {"title": "Milk"}), ("list_tasks", {})))
    parts = [delta["tool_calls"][0] for delta in deltas(ask(server, stream=True)) if "tool_calls" in delta]

    assert parts[0]["function"] == {"name": "add_task", "arguments": ""}
    whole = ["".join(part["function"]["arguments"] for part in parts if part["index"] == index) for index in (0, 1)]
    assert whole == ['{"title": "Milk"}', "{}"]
    assert len(parts) > 4


def test_gemini_sends_whole_calls_with_a_signature_and_no_index(server: ModelServer) -> None:
    server.script(calls(("add_task", {"title": "Milk"}), ("list_tasks", {}), signature="EjQKMg"))
    first = deltas(ask(server, stream=True))[0]["tool_calls"]

    assert first[0]["extra_content"] == {"google": {"thought_signature": "EjQKMg"}}
    assert not any("index" in call for call in first)
    assert "extra_content" not in first[1]


def test_failures_have_the_bodies_of_their_services(server: ModelServer) -> None:
    server.script(fails(429, retry_after=2, code="rate_limit_exceeded"), fails_like_gemini(400), shows_a_page(502))
    limited, refused, page = (ask(server, stream=True) for _ in range(3))

    assert (limited.status, limited.headers["Retry-After"]) == (429, "2")
    assert json.loads(limited.read())["error"]["code"] == "rate_limit_exceeded"
    assert json.loads(refused.read())[0]["error"]["code"] == 400
    assert (page.status, page.headers["Content-Type"]) == (502, "text/html")
    assert page.read().startswith(b"<!DOCTYPE html>")


def test_the_line_can_be_the_trouble(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.script(slow(0.2, says("Hello")), stalls(60, says("Hello")), breaks_off(says("Hello")), garbles(says("Hi")))
    started = time.monotonic()
    first = ask(server, stream=True)
    assert time.monotonic() - started >= 0.2
    assert deltas(first)
    stalled: list[float] = []
    is_over = Event()

    def stall(seconds: float) -> None:
        if seconds:
            stalled.append(seconds)
            assert is_over.wait(START_SECONDS)

    with monkeypatch.context() as patch:
        patch.setattr(server, "sleep", stall)
        # It begins before that.
        second = ask(server, stream=True)
        wait_until(lambda: stalled == [60])
        is_over.set()
        assert deltas(second)
    with ask(server, stream=True) as third, pytest.raises(IncompleteRead):
        third.read()
    with pytest.raises(json.JSONDecodeError):
        events(ask(server, stream=True))


def test_an_answer_may_be_made_of_the_request_and_requests_are_kept(server: ModelServer) -> None:
    def echo(request: Request) -> Any:
        return says(request.messages[-1]["content"].upper())

    server.script(echo)
    assert "".join(delta.get("content") or "" for delta in deltas(ask(server, stream=True))) == "HI"
    assert server.requests[0].headers["authorization"] == "Bearer key"
    assert server.requests[0].body["model"] == "m"


def test_a_call_beyond_the_script_is_refused_and_kept(server: ModelServer) -> None:
    with ask(server, stream=True) as response:
        assert response.status == 400
    assert len(server.unexpected) == 1


def test_who_hangs_up_is_noticed(server: ModelServer) -> None:
    server.script(goes_on())
    ask(server, stream=True).close()
    wait_until(lambda: server.hang_ups == 1)


def test_fifty_are_answered_at_once() -> None:
    with ModelServer(always=slow(0.5, says("Hello"))) as server:
        started = time.monotonic()
        texts = in_parallel([lambda: len(deltas(ask(server, stream=True)))] * 50)
        assert texts == [4] * 50
        # One after the other took 25.
        assert time.monotonic() - started < 12
