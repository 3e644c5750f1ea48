"""What a turn may take: calls, tokens, seats, history; and what it must not hold or log."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from assistant.limits import SEATS
from assistant.models import Conversation, Message, TokenUse
from assistant.providers.choosing import configured
from assistant.services import Said, run_turn
from assistant.streams import HungUp
from assistant.tests.looking import Background, Gate, messages, tasks, titles
from assistant.tests.talking import Say
from assistant.tools import Step
from tasks.models import Task
from testing.callers import Caller, in_parallel
from testing.model_answers import calls, fails, says, slow
from testing.model_server import MODEL, ModelServer
from todo_project.env import LanguageModel
from todo_project.env_reader import Rate


def spent(caller: Caller) -> int:
    return sum(TokenUse.objects.filter(user_id=caller.id).values_list("tokens", flat=True))


def answered(history: list[dict[str, Any]]) -> bool:
    """Whether each message with tool calls is followed by their results, as OpenAI's endpoint demands."""
    for place, message in enumerate(history):
        wanted = [call["id"] for call in message.get("tool_calls", [])]
        results = history[place + 1 : place + 1 + len(wanted)]
        if [told.get("tool_call_id") for told in results] != wanted:
            return False
    return True


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


def test_calls_beyond_twenty_are_not_made_and_that_is_told(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = [f"Buy {number} apples" for number in range(25)]
    model_server.script(calls(*(("add_task", {"title": title}) for title in wanted)), says("Done."))

    answer = say(alice, f"Add {', '.join(wanted)}")

    assert titles(alice) == wanted[:20]
    assert len(answer.json["tool_calls"]) == 20
    told = [message["content"] for message in model_server.requests[-1].messages if message["role"] == "tool"]
    assert ["too_many_calls" in content for content in told] == [False] * 20 + [True] * 5


def test_the_last_call_may_still_answer(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Tea"})), *[calls(("list_tasks", {}))] * 6, says("At last."))

    answer = say(alice, "Add tea")

    assert answer.json["response"] == "At last."
    assert titles(alice) == ["Tea"]


# --- Turns a minute -------------------------------------------------------------------------------


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


# --- Tokens a day ---------------------------------------------------------------------------------


def test_what_the_model_counts_is_what_a_turn_costs(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("list_tasks", {})), says("None."))

    say(alice, "List")

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

    assert spent(alice) > 2000


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


# --- Seats ----------------------------------------------------------------------------------------


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


def test_seats_come_back_after_failures(alice: Caller, say: Say, model_server: ModelServer, settings: Settings) -> None:
    model_server.script(*[fails(401)] * (SEATS + 1))
    for _ in range(SEATS + 1):
        assert say(alice, "Hi").is_problem(502, "model_failed")
    for _ in range(SEATS + 1):
        assert say(alice, "Hi", conversation_id=7).status == 404
    model_server.script(says("Hello."))

    assert say(alice, "Hi").status == 200


# --- History --------------------------------------------------------------------------------------


def test_twenty_messages_are_sent_beginning_with_the_person(
    alice: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    settings.CHAT_RATE_LIMIT = Rate(1000, 60)
    model_server.always = says("Yes?")
    number = say(alice, "Message 0").json["conversation_id"]
    for count in range(1, 14):
        say(alice, f"Message {count}", conversation_id=number)

    history = model_server.requests[-1].messages[1:]

    assert len(history) <= 20
    assert [message["content"] for message in history if message["role"] == "user"] == [
        f"Message {count}" for count in range(4, 14)
    ] or len(history) == 19
    assert history[0]["role"] == "user"
    assert history[-1] == {"role": "user", "content": "Message 13"}


def test_a_long_history_is_cut_to_a_size(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    for letter in "abcdefghijklmnopqrst":
        make_task(alice, f"Task {letter}", description="word " * 190)
    number = None
    for _ in range(5):
        model_server.script(calls(("list_tasks", {})), says("There."))
        number = say(alice, "List", conversation_id=number).json["conversation_id"]
    model_server.script(says("Hello."))
    say(alice, "Hi", conversation_id=number)

    history = model_server.requests[-1].messages[1:]

    assert len(str(history)) < 80_000
    assert history[0]["role"] == "user"
    assert answered(history)
    assert sum(message["role"] == "tool" for message in history) == 2


def test_an_exchange_is_played_back_as_it_came_and_only_to_its_provider(
    alice: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    model_server.script(calls(("list_tasks", {}), signature="c2ln"), says("None.", gemini=True))
    number = say(alice, "List").json["conversation_id"]
    came = [message for message in model_server.requests[1].messages if message["role"] != "system"]
    model_server.always = says("Hello.")

    say(alice, "Hi", conversation_id=number)

    again = model_server.requests[2].messages[1:]
    assert again[:3] == came
    assert again[1]["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    assert [message["role"] for message in again] == ["user", "assistant", "tool", "assistant", "user"]

    settings.LANGUAGE_MODEL = LanguageModel(
        provider="openai", api_key="sk-only-for-tests", base_url=model_server.base_url, model=f"{MODEL}-other"
    )
    say(alice, "Hi", conversation_id=number)

    other = model_server.requests[3].messages[1:]
    assert [message["content"] for message in other[:2]] == ["List", "None."]
    assert "c2ln" not in str(other)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_messages_at_once_each_turn_answers_its_own(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(says("Hello."))
    number = say(alice, "Hi").json["conversation_id"]
    gate = Gate(calls(("list_tasks", {})))
    model_server.script(gate, says("Second."), says("First."))
    first = Background(lambda: say(alice, "First", conversation_id=number))
    gate.wait()

    say(alice, "Second", conversation_id=number)
    gate.open()

    assert first.outcome().json["response"] == "First."
    asked = [[m["content"] for m in request.messages if m["role"] == "user"] for request in model_server.requests]
    assert asked == [["Hi"], ["Hi", "First"], ["Hi", "First", "Second"], ["Hi", "First"]]


# --- What is not held, and not logged -------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_model_thinks(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Pay rent")
    gates = [Gate(calls(("complete_task", {"task": "rent"}))), Gate(says("Done."))]
    model_server.script(*gates)
    before = backends()

    speaking = Background(lambda: say(alice, "I paid the rent"))

    for gate in gates:
        gate.wait()
        assert backends() <= before
        gate.open()
    assert speaking.outcome().status == 200
    assert tasks(alice)[0].completed


def backends() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


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
