"""What a person's turns cost, of the budget of a day."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from assistant.models import Message, TokenUse
from assistant.providers.choosing import configured
from assistant.services import run_turn
from assistant.streams import HungUp
from assistant.tests.chat_facts import Say, messages, titles
from assistant.tools.results import Step
from assistant.turn import budget
from assistant.turn.beginnings import Said
from assistant.turn.budget import Reservation
from assistant.turn.seats import SEATS
from core.errors import TooManyRequests
from testing.callers import Caller, in_parallel
from testing.model_answers import ModelAnswer, Request, calls, fails, says, slow
from testing.model_server import ModelServer


def spent(caller: Caller) -> int:
    return sum(TokenUse.objects.filter(user_id=caller.id).values_list("tokens", flat=True))


def test_what_the_model_counts_is_what_a_turn_costs(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("list_tasks", {})), says("None."))

    answer = say(alice, "List")

    assert answer.status == 200, answer
    assert spent(alice) == 300
    assert sum(Message.objects.filter(user_id=alice.id).values_list("tokens", flat=True)) == 300


def test_a_spent_budget_is_429_until_midnight_and_only_ones_own(
    alice: Caller, bob: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    settings.LLM_DAILY_TOKENS = 6000
    model_server.script(says("Hello.", usage={"total_tokens": 5900}))
    model_server.always = says("Hello.")
    number = say(alice, "Hi").json["conversation_id"]

    answer = say(alice, "Hi", conversation_id=number, headers={"Idempotency_Key": "k"})

    assert answer.is_problem(429, "tokens_spent")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert answer.headers["RateLimit-Limit"] == "6000"
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    assert spent(alice) == 5900
    assert len(model_server.requests) == 1
    assert say(bob, "Hi").status == 200


def test_tokens_that_run_out_within_a_turn_leave_the_tasks_alone(
    alice: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    settings.LLM_DAILY_TOKENS = 6000
    model_server.script(calls(("add_task", {"title": "Tea"}), usage={"total_tokens": 5900}))

    assert say(alice, "Add tea").is_problem(429, "tokens_spent")

    assert titles(alice) == []
    assert messages(alice) == [("user", "Add tea")]


def test_without_a_budget_no_model_is_asked(
    alice: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    settings.LLM_DAILY_TOKENS = 0

    assert say(alice, "Hi").is_problem(429, "tokens_spent")

    assert model_server.requests == []
    assert spent(alice) == 0


def test_a_call_that_failed_costs_nothing(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("list_tasks", {})), fails(401))

    assert say(alice, "List").is_problem(502)

    assert spent(alice) == 150


def test_a_call_that_the_person_hung_up_on_costs_what_it_was_estimated_at(
    alice: Caller, model_server: ModelServer
) -> None:
    class Gone:
        def hear(self, text: str) -> None:
            raise HungUp

        def watch(self, step: Step) -> None:
            raise HungUp

    model_server.script(says("Once upon a time"))
    provider = configured()
    assert provider

    with pytest.raises(HungUp):
        run_turn(alice.user, Said("Tell me a story"), provider, audience=Gone())

    # Four characters a token, and 2000 tokens for the answer.
    [request] = model_server.requests
    assert spent(alice) == len(json.dumps([request.messages, request.body["tools"]])) // 4 + 2000


def test_a_model_is_not_asked_again_for_a_person_who_hung_up_while_it_thought(
    alice: Caller, model_server: ModelServer
) -> None:
    class Leaving:
        has_gone = False

        def hear(self, text: str) -> None:
            if self.has_gone:
                raise HungUp

        def watch(self, step: Step) -> None:
            pass

    person = Leaving()

    def think(_: Request) -> ModelAnswer:
        person.has_gone = True
        return calls(("add_task", {"title": "Tea"}))

    model_server.script(think)
    provider = configured()
    assert provider

    with pytest.raises(HungUp):
        run_turn(alice.user, Said("Add tea"), provider, audience=person)

    assert len(model_server.requests) == 1
    assert titles(alice) == []


@pytest.mark.parametrize("total", [2**31, 10**12, 10**30])
def test_an_endpoint_that_miscounts_spends_the_day_and_no_more(
    alice: Caller, say: Say, model_server: ModelServer, total: int
) -> None:
    model_server.script(says("Hello.", usage={"total_tokens": total}))

    assert say(alice, "Hi").json["response"] == "Hello."

    assert spent(alice) == 10_000_000
    assert say(alice, "Hi").is_problem(429, "tokens_spent")
    assert len(messages(alice)) == 3


def test_an_endpoint_that_does_not_count_is_estimated(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(says("Hello.", usage=None))

    say(alice, "Hi")

    assert 500 < spent(alice) < 5000


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_turns_at_once_share_one_budget(alice: Caller, say: Say, model_server: ModelServer, settings: Settings) -> None:
    settings.LLM_DAILY_TOKENS = 9000
    model_server.always = slow(0.3, says("Hello.", usage={"total_tokens": 4000}))

    answers = in_parallel([lambda: say(alice, "Hi")] * SEATS)

    good = sum(answer.status == 200 for answer in answers)
    assert {answer.status for answer in answers} == {200, 429}
    assert good == len(model_server.requests) <= 2
    assert spent(alice) == 4000 * good


def test_a_budget_is_spent_to_its_last_token(alice: Caller, settings: Settings) -> None:
    settings.LLM_DAILY_TOKENS = 100

    Reservation(alice.id, 60)
    Reservation(alice.id, 40)
    with pytest.raises(TooManyRequests):
        Reservation(alice.id, 1)

    assert spent(alice) == 100


def test_a_whole_budget_may_be_reserved_at_once(alice: Caller, settings: Settings) -> None:
    settings.LLM_DAILY_TOKENS = 100

    Reservation(alice.id, 100).settle(99)
    Reservation(alice.id, 1)

    assert spent(alice) == 100


def test_just_before_midnight_is_no_time_to_wait_for_less_than_that(
    alice: Caller, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LLM_DAILY_TOKENS = 100
    late = datetime(2026, 1, 14, 23, 59, 58, 500_000, tzinfo=UTC)
    monkeypatch.setattr(budget, "timezone", SimpleNamespace(now=lambda: late))

    with pytest.raises(TooManyRequests) as refused:
        Reservation(alice.id, 101)

    assert refused.value.retry_after_seconds == 2
