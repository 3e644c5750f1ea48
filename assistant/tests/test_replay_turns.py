"""``Idempotency-Key`` on a message."""

from typing import Any

import pytest

from assistant.tests.chat_facts import Say, messages, titles
from assistant.tests.slow_model import Background, Gate
from testing.callers import Answer, Caller, in_parallel
from testing.model_answers import calls, fails, says
from testing.model_server import ModelServer

KEY = {"Idempotency_Key": "key-1"}
ADD = calls(("add_task", {"title": "Tea"}))


def test_the_same_request_gets_the_same_answer_without_a_second_turn(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.script(ADD, says("Added."))
    first = say(alice, "Add tea", headers=KEY)

    again = say(alice, "Add tea", headers=KEY)

    assert first.status == again.status == 200
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(model_server.requests) == 2
    assert titles(alice) == ["Tea"]
    assert len(messages(alice)) == 2


def test_another_body_is_422_and_another_users_key_is_their_own(
    alice: Caller, bob: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.always = says("Hello.")
    say(alice, "Hi", headers=KEY)

    assert say(alice, "Ho", headers=KEY).is_problem(422, "idempotency_key_reused")
    assert say(alice, "Hi", headers=KEY, timezone="Europe/Rome").is_problem(422, "idempotency_key_reused")
    assert "Idempotency-Replayed" not in say(bob, "Hi", headers=KEY).headers
    assert len(messages(alice)) == 2


@pytest.mark.parametrize("key", ["", "with space", "\u00e4", "x" * 256])
def test_a_bad_key_is_422(alice: Caller, say: Say, model_server: ModelServer, key: str) -> None:
    assert say(alice, "Hi", headers={"Idempotency_Key": key}).is_problem(422, "invalid")

    assert messages(alice) == []


def test_what_failed_may_be_tried_again(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(ADD, fails(401), ADD, says("Added."))
    assert say(alice, "Add tea", headers=KEY).is_problem(502, "model_failed")

    again = say(alice, "Add tea", headers=KEY)

    assert again.status == 200
    assert "Idempotency-Replayed" not in again.headers
    assert titles(alice) == ["Tea"]


def test_what_was_refused_leaves_no_claim(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.always = says("Hello.")

    assert say(alice, "", headers=KEY).status == 422
    assert say(alice, "Hi", conversation_id=7, headers=KEY).status == 404
    assert say(alice, "Hi", headers=KEY).status == 200


def test_a_yes_that_comes_twice_is_one(alice: Caller, say: Say, model_server: ModelServer) -> None:
    alice.post(alice.tasks, {"title": "Pay rent"})
    model_server.script(calls(("delete_task", {"task": "rent"})), says("Sure?"))
    number = say(alice, "Tidy up").json["conversation_id"]

    first, again = (say(alice, "yes", conversation_id=number, headers=KEY) for _ in range(2))

    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert titles(alice) == []


def test_an_answer_outlives_its_conversation(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(says("Hello."))
    first = say(alice, "Hi", headers=KEY)
    alice.delete(f"/api/{alice.id}/conversations/{first.json['conversation_id']}")

    assert say(alice, "Hi", headers=KEY).content == first.content
    assert messages(alice) == []


def test_a_confirmation_that_comes_twice_is_404(alice: Caller, say: Say, model_server: ModelServer) -> None:
    alice.post(alice.tasks, {"title": "Pay rent"})
    model_server.script(calls(("delete_task", {"task": "rent"})), says("Sure?"))
    waiting: Any = say(alice, "Tidy up").json
    path = f"/api/{alice.id}/conversations/{waiting['conversation_id']}/confirm"

    answers = [alice.post(path, {"action_id": waiting["pending_action"]["id"]}) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 404]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs_the_second_is_409(alice: Caller, say: Say, model_server: ModelServer) -> None:
    gate = Gate(says("Added."))
    model_server.script(ADD, gate)
    first = Background(lambda: say(alice, "Add tea", headers=KEY))
    gate.wait()

    during = say(alice, "Add tea", headers=KEY)
    other = say(alice, "Add milk", headers=KEY)
    gate.open()

    assert during.is_problem(409, "idempotency_in_progress")
    assert other.is_problem(422, "idempotency_key_reused")
    assert first.outcome().status == 200
    assert say(alice, "Add tea", headers=KEY).content == first.outcome().content
    assert titles(alice) == ["Tea"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_turn(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(ADD, says("Added."))

    def speak() -> Answer:
        return say(alice, "Add tea", headers=KEY)

    answers = in_parallel([speak] * 20)

    assert {answer.status for answer in answers} <= {200, 409}
    fresh = [answer for answer in answers if answer.status == 200 and "Idempotency-Replayed" not in answer.headers]
    assert len(fresh) == 1
    assert titles(alice) == ["Tea"]
    assert len(messages(alice)) == 2
