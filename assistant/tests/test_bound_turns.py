"""What a turn may take: calls, tokens, seats, history; and what it must not hold or log."""

import json
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from django.db import connection
from pytest_django import Settings

from assistant.models import Conversation
from assistant.tests.chat_facts import Say, answered, messages, tasks, titles
from assistant.tests.slow_model import Background, Gate
from assistant.turn import talk
from assistant.turn.seats import SEATS, seat
from core.errors import Unavailable
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, fails, says
from testing.model_server import ModelServer


def test_a_turn_without_an_end_ends_after_eight_calls_with_nothing_changed(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.always = calls(*(("add_task", {"title": f"Buy {word}"}) for word in ("milk", "tea", "rice", "salt")))

    answer = say(alice, "Add buy milk, buy tea, buy rice and buy salt")

    assert answer.status == 200
    assert len(model_server.requests) == 8
    assert [bool(request.body.get("tools")) for request in model_server.requests] == [True] * 7 + [False]
    assert len(answer.json["tool_calls"]) == 20
    assert {call["result"]["error"]["code"] for call in answer.json["tool_calls"]} == {"turn_not_finished"}
    assert "nothing was changed" in answer.json["response"]
    assert answer.json["pending_action"] is None
    assert titles(alice) == []

    model_server.always = says("Hello.")
    say(alice, "Hi", conversation_id=answer.json["conversation_id"])

    history = model_server.requests[-1].messages
    assert answered(history)
    assert history[-2]["role"] == "assistant"
    assert "nothing was changed" in history[-2]["content"]


def test_what_is_asked_again_counts_among_the_eight_calls(alice: Caller, say: Say, model_server: ModelServer) -> None:
    again = fails(400, code="tool_use_failed")
    look = calls(("list_tasks", {}))
    model_server.script(fails(400, message="stream_options?"), again, look, again, look, again, look, says("At last."))

    answer = say(alice, "Add tea")

    assert answer.json["response"] == "At last."
    assert len(model_server.requests) == 8
    assert "tools" not in model_server.requests[-1].body


def test_calls_beyond_twenty_are_not_made_and_that_is_told(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = [f"Buy {number} apples" for number in range(25)]
    model_server.script(calls(*(("add_task", {"title": title}) for title in wanted)), says("Done."))

    answer = say(alice, f"Add {', '.join(wanted)}")

    assert titles(alice) == wanted[:20]
    assert len(answer.json["tool_calls"]) == 20
    told = [message["content"] for message in model_server.requests[-1].messages if message["role"] == "tool"]
    assert ["too_many_calls" in content for content in told] == [False] * 20 + [True] * 5
    assert "A turn has 20 tool calls, and 200000 characters of results to read" in told[-1]


def test_the_last_call_may_still_answer(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Tea"})), *[calls(("list_tasks", {}))] * 6, says("At last."))

    answer = say(alice, "Add tea")

    assert answer.json["response"] == "At last."
    assert titles(alice) == ["Tea"]


def test_the_21st_turn_of_a_minute_is_429_and_not_kept(
    alice: Caller, bob: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.always = says("Hello.")

    answers = [say(alice, "Hi") for _ in range(20)]
    refused = say(alice, "Hi", headers={"Idempotency_Key": "k"})

    assert {answer.status for answer in answers} == {200}
    assert [int(answer.headers["RateLimit-Remaining"]) for answer in answers] == list(range(19, -1, -1))
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"20"}
    assert refused.is_problem(429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == ("20", "0")
    assert len(messages(alice)) == 40
    assert say(bob, "Hi").status == 200
    assert alice.get(alice.tasks).status == 200
    # And the key of the refused one is free.
    assert say(alice, "Hi", headers={"Idempotency_Key": "k"}).is_problem(429, "throttled")


def test_what_tools_tell_in_a_turn_is_bounded(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    for number in range(50):
        make_task(alice, f"{number} {'x' * 190}", description="y" * 1000)
    model_server.script(calls(*[("list_tasks", {"limit": 50})] * 20), says("Here they are."))

    answer = say(alice, "show my tasks")

    assert 1 < len(answer.json["tool_calls"]) < 20
    assert len(json.dumps(answer.json["tool_calls"])) < 300_000
    refused = [json.loads(told["content"]) for told in model_server.requests[1].messages if told["role"] == "tool"]
    assert len(refused) == 20
    assert refused[-1]["error"]["code"] == "too_many_calls"


@pytest.mark.parametrize(("room", "made"), [(0, 1), (1, 2)])
def test_a_call_is_made_while_there_is_room_for_what_it_tells(
    alice: Caller, say: Say, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, room: int, made: int
) -> None:
    model_server.script(calls(("list_tasks", {})), says("None."))
    say(alice, "show my tasks")
    [told] = [message["content"] for message in model_server.requests[-1].messages if message["role"] == "tool"]
    monkeypatch.setattr(talk, "MAX_RESULTS_LENGTH", len(told) + room)
    model_server.script(calls(("list_tasks", {}), ("list_tasks", {})), says("None."))

    assert len(say(alice, "show my tasks").json["tool_calls"]) == made


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_half_of_the_threads_may_wait_for_a_model_and_the_next_is_told_at_once(
    alice: Caller, bob: Caller, say: Say, model_server: ModelServer
) -> None:
    gate = Gate(says("Hello."))
    model_server.always = gate
    turns = [Background(lambda: say(alice, "Hi")) for _ in range(SEATS)]
    gate.wait(SEATS)

    refused = say(bob, "Hi", headers={"Idempotency_Key": "k"})

    assert refused.is_problem(503, "chat_busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert bob.get(bob.tasks).status == 200
    gate.open()
    assert {turn.outcome().status for turn in turns} == {200}
    assert say(bob, "Hi", headers={"Idempotency_Key": "k"}).status == 200


def test_half_of_a_workers_threads_have_a_seat(settings: Settings) -> None:
    with ExitStack() as taken:
        for _ in range(settings.WORKER_THREADS // 2):
            taken.enter_context(seat())
        with pytest.raises(Unavailable), seat():
            pass

    with seat():
        pass


def test_seats_come_back_after_failures(alice: Caller, say: Say, model_server: ModelServer, settings: Settings) -> None:
    model_server.script(*[fails(401)] * (SEATS + 1))
    for _ in range(SEATS + 1):
        assert say(alice, "Hi").is_problem(502, "model_failed")
    for _ in range(SEATS + 1):
        assert say(alice, "Hi", conversation_id=7).status == 404
    model_server.script(says("Hello."))

    assert say(alice, "Hi").status == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_model_thinks(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Pay rent")
    gates = [Gate(calls(("complete_task", {"task": "rent"}))), Gate(says("Done."))]
    model_server.script(*gates)
    speaking = Background(lambda: say(alice, "I paid the rent"))
    left = []

    for gate in gates:
        gate.wait()
        left.append(connections_out())
        gate.open()

    assert speaking.outcome().status == 200
    assert left == [0, 0]
    assert tasks(alice)[0].completed


def connections_out() -> int:
    """How many the pool has given out, but for those that it is only making or taking back."""
    connection.close()
    pool = connection.pool  # type: ignore[attr-defined] # PostgreSQL's
    deadline = time.monotonic() + 10
    while True:
        stats = pool.get_stats()
        out = int(stats["pool_size"] - stats["pool_available"])
        if not out or time.monotonic() > deadline:
            return out
        time.sleep(0.02)


def test_nothing_that_was_said_is_logged(
    alice: Caller, say: Say, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    model_server.script(calls(("add_task", {"title": "Secret title"}), text="Secret words"), says("Secret answer"))
    say(alice, "Secret message")
    model_server.script(calls(("add_task", "Secret nonsense")), fails(500, message="Secret error"), fails(400))
    say(alice, "Secret message")

    logged = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "Secret" not in logged
    assert "sk-only-for-tests" not in logged
    assert Conversation.objects.filter(user_id=alice.id).count() == 2
