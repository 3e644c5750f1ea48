"""What holds for each turn, whoever answers it."""

from typing import Any

import pytest

from assistant.tests.chat_facts import Say, titles
from assistant.understanding import reading
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that were, in their order."""
    messages: list[str] = []
    understand = reading.understand

    def count(message: str, *more: Any) -> Any:
        messages.append(message)
        return understand(message, *more)

    monkeypatch.setattr(reading, "understand", count)
    return messages


def test_a_message_is_understood_once(alice: Caller, say: Say, understood: list[str]) -> None:
    number = say(alice, "Add task: Milk, then add task: Tea").json["conversation_id"]
    say(alice, "complete 1", conversation_id=number)

    assert understood == ["Add task: Milk, then add task: Tea", "complete 1"]
    assert titles(alice) == ["Milk", "Tea"]


def test_a_message_to_a_model_is_understood_once_too(
    alice: Caller, say: Say, model_server: ModelServer, understood: list[str]
) -> None:
    model_server.script(calls(("add_task", {"title": "Milk"})), says("Added."))

    say(alice, "Add milk")

    assert understood == ["Add milk"]
