"""What Prometheus is told of turns."""

import pytest

from assistant import services
from assistant.tests.chat_facts import Say
from assistant.turn import talk
from core.telemetry.metrics import Counter
from testing.callers import Caller
from testing.model_answers import fails, says
from testing.model_server import ModelServer


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], int]]:
    """By name and labels, in their order."""
    counts: list[tuple[str, tuple[str, ...], int]] = []

    def count(counter: Counter, *labels: str, by: int = 1) -> None:
        if counter in (services.TURNS, talk.TOKENS):
            counts.append((counter.name, labels, by))

    monkeypatch.setattr(Counter, "count", count)
    return counts


def test_a_turn_is_counted_by_who_answered_it_and_how_it_ended(
    alice: Caller, say: Say, model_server: ModelServer, counted: list[tuple[str, tuple[str, ...], int]]
) -> None:
    model_server.script(says("Hello.", usage={"total_tokens": 42}), fails(401))

    say(alice, "Hi")
    say(alice, "Hi")

    assert counted == [
        ("todo_model_tokens_total", (), 42),
        ("todo_chat_turns_total", ("model", "answered"), 1),
        ("todo_chat_turns_total", ("model", "model_failed"), 1),
    ]


def test_the_built_in_ones_turns_are_counted_as_its_own(
    alice: Caller, say: Say, counted: list[tuple[str, tuple[str, ...], int]]
) -> None:
    say(alice, "Hello")
    say(alice, "Hello", conversation_id=1)

    assert counted == [
        ("todo_chat_turns_total", ("built_in", "answered"), 1),
        ("todo_chat_turns_total", ("built_in", "conversation_not_found"), 1),
    ]
