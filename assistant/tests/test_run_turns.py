"""What holds for each turn, whoever answers it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from assistant.providers.base import Prompt, Reply, ToolCall
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.providers.choosing import configured
from assistant.services import run_turn
from assistant.streams import HungUp
from assistant.tests.audiences import Notes
from assistant.tests.chat_facts import Say, messages, titles
from assistant.tools.results import Step
from assistant.turn.audience import NOBODY
from assistant.turn.beginnings import Said
from assistant.turn.talk import Speech
from assistant.understanding import reading
from core.errors import Unauthenticated
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that were, in their order."""
    messages: list[str] = []
    understand = reading.understand

    def count(message: str, *more: Any, **others: Any) -> Any:
        messages.append(message)
        return understand(message, *more, **others)

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


class Leaves:
    """An audience that hangs up once it has heard so many words."""

    def __init__(self, after: int) -> None:
        self._left = after

    def hear(self, text: str) -> None:
        if not self._left:
            raise HungUp
        self._left -= bool(text)

    def watch(self, step: Step) -> None:
        pass


def test_who_has_heard_the_answer_and_hung_up_has_nothing_changed(alice: Caller) -> None:
    """Asked last of all before the commit, with the answer written and told."""
    with pytest.raises(HungUp):
        run_turn(alice.user, Said("Add task: Milk"), BuiltinProvider(), audience=Leaves(after=1))

    assert titles(alice) == []
    assert messages(alice) == [("user", "Add task: Milk")]


def test_a_yes_of_somebody_who_hung_up_changes_nothing(alice: Caller, say: Say) -> None:
    say(alice, "Add task: Milk")
    asked = say(alice, "delete all").json
    assert asked["pending_action"]

    with pytest.raises(HungUp):
        run_turn(alice.user, Said("yes", asked["conversation_id"]), BuiltinProvider(), audience=Leaves(after=0))

    assert titles(alice) == ["Milk"]
    # It may be said again.
    say(alice, "yes", conversation_id=asked["conversation_id"])
    assert titles(alice) == []


def test_for_somebody_who_hung_up_the_model_is_asked_nothing_more(alice: Caller, model_server: ModelServer) -> None:
    model_server.script(calls(("list_tasks", {})))
    provider = configured()
    assert provider

    with pytest.raises(HungUp):
        run_turn(alice.user, Said("What is there?"), provider, audience=Leaves(after=0))

    assert len(model_server.requests) == 1


def test_each_word_is_told_and_each_call_shown_once(alice: Caller, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Tea"}), ("list_tasks", {})), says("I've added it."))
    provider, notes = configured(), Notes()
    assert provider

    turn = run_turn(alice.user, Said("Add tea"), provider, audience=notes)

    # A change is known at the turn's end.
    assert notes.watched == ["list_tasks", "add_task"]
    assert notes.heard == turn.response


def test_what_is_added_by_the_service_is_told_after_the_models_words(alice: Caller, model_server: ModelServer) -> None:
    model_server.script(says("I've added it."))
    provider, notes = configured(), Notes()
    assert provider

    turn = run_turn(alice.user, Said("Add tea"), provider, audience=notes)

    assert notes.heard == turn.response
    assert turn.response.startswith("I've added it.\n\n")


class Goes(Notes):
    """Whose account is deleted while they listen."""

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._caller = caller

    def hear(self, text: str) -> None:
        User.objects.filter(id=self._caller.id).delete()


def test_who_is_gone_before_the_answer_is_no_caller_any_more(alice: Caller) -> None:
    with pytest.raises(Unauthenticated):
        run_turn(alice.user, Said("Add task: Milk"), BuiltinProvider(), audience=Goes(alice))


def test_of_what_was_written_only_what_the_reply_came_to_stays() -> None:
    speech = Speech(NOBODY)
    speech.write("Hello. add_task(")

    speech.correct("Hello.")

    assert speech.text == "Hello."


def test_a_reply_begins_and_ends_without_spaces_and_is_a_paragraph() -> None:
    notes = Notes()
    speech = Speech(notes)

    for piece in (" ", "\n Hello", " ", "you. ", "\n"):
        speech.write(piece)
    speech.pause()
    for piece in ("  ", " Bye", " "):
        speech.write(piece)

    assert notes.heard == speech.text == "Hello you.\n\nBye"


class Restless:
    """A provider that looks at the tasks for as long as it may."""

    name = "restless"
    is_remote = False
    turn_seconds = 50.0

    def __init__(self) -> None:
        self.most_asks: list[int] = []

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        self.most_asks.append(prompt.most_asks)
        return Reply("", (ToolCall("1", "list_tasks", "{}"),), {"role": "assistant", "content": ""})


def test_a_provider_is_told_how_often_it_may_ask_so_that_one_call_is_left_to_answer(alice: Caller) -> None:
    provider = Restless()

    run_turn(alice.user, Said("What is there?"), provider)

    assert provider.most_asks == [7, 6, 5, 4, 3, 2, 1, 1]
