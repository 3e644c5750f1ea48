"""``Accept: text/event-stream``: a real gunicorn, a real model server behind it."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from assistant.tests.chat_facts import TURN
from assistant.tests.stream_client import EVENTS, Event, StreamClient, read_events, text, wait_for_hang_up
from testing.databases import copied_database
from testing.model_answers import breaks_off, calls, drips, fails, says
from testing.model_server import ModelServer
from testing.service import serving, wait_until

KEY: Final = "sk-only-for-tests"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(template: str, tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[tuple[int, Path]]:
    home = tmp_path_factory.mktemp("stream")
    settings = {"LLM_BASE_URL": model.base_url, "LLM_MODEL": "scripted-1", "LLM_API_KEY": KEY, "LOG_LEVEL": "DEBUG"}
    settings |= {"AUTH_RATE_LIMIT": "1000/min", "DB_POOL_SIZE": "5", "WEB_CONCURRENCY": "1"}
    with copied_database(template, home) as url, serving(home / "log", {"DATABASE_URL": url, **settings}) as server:
        yield server.port, server.log


@pytest.fixture
def service(running: tuple[int, Path], model: ModelServer) -> Iterator[StreamClient]:
    yield StreamClient(*running)
    assert model.left == 0
    assert not model.unexpected


def test_a_turn_comes_as_events_in_order(service: StreamClient, model: ModelServer) -> None:
    model.script(
        calls(("add_task", {"title": "Tea"}), ("list_tasks", {}), text=" Let me see. "),
        calls(("complete_task", {"task": "tea"})),
        says("\n Both done.\n\n"),
    )

    events = service.stream("Add tea and complete it")

    done = events[-1]
    assert done[0] == "done"
    assert set(done[1]) == TURN
    assert done[1]["response"] == text(events) == "Let me see.\n\nBoth done."
    told = [content for name, content in events if name == "tool_call"]
    assert sorted(map(str, told)) == sorted(map(str, done[1]["tool_calls"]))
    # What reads is told when it has, what changes when it has changed.
    assert [call["tool"] for call in told] == ["list_tasks", "add_task", "complete_task"]
    names = [name for name, _ in events]
    assert names.index("tool_call") < len(names) - 1 - names[::-1].index("message")
    assert service.titles() == ["Tea"]
    kept = service.json("GET", f"{service.home}/conversations/{done[1]['conversation_id']}")["messages"][-1]
    assert (kept["content"], kept["tool_calls"]) == (done[1]["response"], done[1]["tool_calls"])


def test_it_comes_piece_by_piece(service: StreamClient, model: ModelServer) -> None:
    counted = says("One, two, three, four, five, six.")
    is_read = threading.Event()

    def pieces() -> Iterator[Mapping[str, Any]]:
        beginning, first, *rest = counted.deltas
        yield from (beginning, first)
        # What the service kept until the end would never come.
        assert is_read.wait(30)
        yield from rest

    model.script(replace(counted, deltas=pieces()))

    with service.chat("Count") as answer:
        events = read_events(answer)
        first = next(events)
        is_read.set()
        rest = list(events)

    assert first == ("message", {"delta": "One,"})
    assert text([first, *rest]) == "One, two, three, four, five, six."
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["RateLimit-Limit"] == "20"
    assert answer.headers["X-Request-ID"]


def test_a_question_of_the_service_is_the_last_piece(service: StreamClient, model: ModelServer) -> None:
    service.json("POST", f"{service.home}/tasks", {"title": "Pay rent"})
    model.script(calls(("delete_task", {"task": "rent"})), says("Sure?"))

    events = service.stream("Tidy up")

    assert text(events) == events[-1][1]["response"]
    assert events[-1][1]["response"].startswith("Sure?\n\nThis would delete \u201cPay rent\u201d.")
    assert events[-1][1]["pending_action"]["id"]
    assert service.titles() == ["Pay rent"]


def test_a_failure_before_the_first_event_is_a_problem(service: StreamClient, model: ModelServer) -> None:
    model.script(fails(401))

    with service.chat("Hi") as answer:
        problem = json.loads(answer.read())

    assert (answer.status, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert (problem["code"], problem["request_id"]) == ("model_failed", answer.headers["X-Request-ID"])


def test_bad_input_and_no_token_are_problems(service: StreamClient) -> None:
    with service.chat("") as answer:
        assert (answer.status, json.loads(answer.read())["code"]) == (422, "invalid")
    with service.chat("Hi", Authorization="Bearer x") as answer:
        assert (answer.status, json.loads(answer.read())["code"]) == (401, "token_invalid")


def test_a_failure_after_the_first_event_is_an_event(service: StreamClient, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Tea"}), text="Adding it."), breaks_off(says("It is added now.")))

    with service.chat("Add tea") as answer:
        events = list(read_events(answer))

    assert events[-1][0] == "error"
    assert events[-1][1]["code"] in {"model_unavailable", "model_failed"}
    assert events[-1][1]["request_id"] == answer.headers["X-Request-ID"]
    assert "done" not in dict(events)
    assert service.titles() == []


def test_a_client_that_hangs_up_ends_the_turn_with_nothing_changed(service: StreamClient, model: ModelServer) -> None:
    before = model.hang_ups
    model.script(calls(("add_task", {"title": "Tea"}), text="I see."), drips(0.05, says("word " * 200)))

    with service.chat("Add tea", Idempotency_Key="k") as answer:
        answer.readline()

    wait_for_hang_up(model, before)
    assert service.titles() == []
    # And it may be tried again, once the turn has given its key back.
    model.script(calls(("add_task", {"title": "Tea"})), says("Added."))
    events: list[Event] = []

    def is_begun() -> bool:
        with service.chat("Add tea", Idempotency_Key="k") as answer:
            assert answer.status == 200 or json.loads(answer.read())["code"] == "idempotency_in_progress"
            events.extend(read_events(answer) if answer.status == 200 else ())
        return bool(events)

    wait_until(is_begun)
    assert events[-1][1]["response"] == "Added."
    assert service.titles() == ["Tea"]


def test_many_that_hang_up_leave_their_seats(service: StreamClient, model: ModelServer) -> None:
    for _ in range(6):
        before = model.hang_ups
        model.script(drips(0.05, says("word " * 200)))
        with service.chat("Talk") as answer:
            answer.readline()
        wait_for_hang_up(model, before)
    model.script(says("Hello."))

    assert text(service.stream("Hi")) == "Hello."


def test_the_same_key_gives_the_whole_turn_again(service: StreamClient, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Tea"})), says("Added."))
    first = service.stream("Add tea", Idempotency_Key="k")

    with service.chat("Add tea", Idempotency_Key="k") as answer:
        again = list(read_events(answer))
    with service.chat("Add tea", accept="application/json", Idempotency_Key="k") as plain:
        body = json.loads(plain.read())

    assert answer.headers["Idempotency-Replayed"] == plain.headers["Idempotency-Replayed"] == "true"
    assert answer.headers["Content-Type"] == EVENTS
    assert again[-1] == first[-1] == ("done", body)
    assert text(again) == "Added."
    assert [name for name, _ in again] == ["tool_call", "message", "done"]
    assert service.titles() == ["Tea"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*"])
def test_json_is_the_default(service: StreamClient, model: ModelServer, accept: str) -> None:
    model.script(says("Hello."))

    with service.chat("Hi", accept=accept) as answer:
        body = json.loads(answer.read())

    assert answer.headers["Content-Type"] == "application/json"
    assert body["response"] == "Hello."


@pytest.mark.parametrize("accept", ["text/html", "image/png", "text/plain"])
def test_other_types_are_406_and_nothing_is_said(service: StreamClient, accept: str) -> None:
    with service.chat("Hi", accept=accept) as answer:
        assert (answer.status, json.loads(answer.read())["code"]) == (406, "not_acceptable")

    assert service.json("GET", f"{service.home}/conversations")["data"] == []


def test_nothing_that_was_said_is_in_the_log_at_debug(service: StreamClient, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Hush title"}), text="Hush words"), breaks_off(says("Hush, hush answer")))
    service.stream("Hush message")

    logged = service.log.read_text()
    assert "DEBUG" in logged
    assert "Hush" not in logged
    assert KEY not in logged
    assert service.headers["Authorization"].partition(" ")[2] not in logged
