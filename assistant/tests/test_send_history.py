"""What the model is shown of a conversation."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from assistant.providers.base import LanguageModel
from assistant.tests.chat_facts import Say, answered
from assistant.tests.slow_model import Background, Gate
from assistant.turn import history
from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import MODEL, ModelServer


def test_twenty_messages_are_sent_beginning_with_the_person(
    alice: Caller, say: Say, model_server: ModelServer, settings: Settings
) -> None:
    settings.CHAT_RATE_LIMIT = Rate(1000, 60)
    model_server.always = says("Yes?")
    number = say(alice, "Message 0").json["conversation_id"]
    for count in range(1, 14):
        say(alice, f"Message {count}", conversation_id=number)

    told = model_server.requests[-1].messages[1:]

    assert len(told) <= 20
    assert [message["content"] for message in told if message["role"] == "user"] == [
        f"Message {count}" for count in range(4, 14)
    ] or len(told) == 19
    assert told[0]["role"] == "user"
    assert told[-1] == {"role": "user", "content": "Message 13"}


def test_a_long_history_is_cut_to_a_size(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    for letter in "abcdefghijklmnopqrst":
        make_task(alice, f"Task {letter}", tags=[f"{number:w<47}" for number in range(19)])
    number = None
    for _ in range(5):
        model_server.script(calls(("list_tasks", {})), says("There."))
        number = say(alice, "List", conversation_id=number).json["conversation_id"]
    model_server.script(says("Hello."))
    say(alice, "Hi", conversation_id=number)

    told = model_server.requests[-1].messages[1:]

    assert len(str(told)) < 80_000
    assert told[0]["role"] == "user"
    assert answered(told)
    assert sum(message["role"] == "tool" for message in told) == 2


@pytest.mark.parametrize(("room", "sent"), [(0, ["Hi", "Yes?", "Again"]), (-1, ["Again"]), (-9999, ["Again"])])
def test_what_just_fits_is_sent(
    alice: Caller, say: Say, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, room: int, sent: list[str]
) -> None:
    model_server.always = says("Yes?")

    def talk() -> list[dict[str, Any]]:
        say(alice, "Again", conversation_id=say(alice, "Hi").json["conversation_id"])
        return [*model_server.requests[-1].messages[1:]]

    length = sum(len(json.dumps([message])) for message in talk())
    monkeypatch.setattr(history, "MAX_LENGTH", length + room)

    assert [message["content"] for message in talk()] == sent


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
