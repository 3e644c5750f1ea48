"""What the last turn changed is taken back when the person says so, whoever answered it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from assistant.models import Conversation
from assistant.tests.chat_facts import Say, tasks, titles
from assistant.turn import undoing
from tasks import services
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Make = Callable[..., Task]


@pytest.mark.parametrize("words", ["undo", "Undo that!", "take that back", "please revert the last change"])
def test_additions_are_gone_again(alice: Caller, say: Say, make_task: Make, words: str) -> None:
    make_task(alice, "Rent")
    number = say(alice, "add milk, eggs and bread").json["conversation_id"]

    answer = say(alice, words, conversation_id=number)

    assert titles(alice) == ["Rent"]
    assert [call["tool"] for call in answer.json["tool_calls"]] == ["delete_task"] * 3


def test_changes_and_deletions_are_as_before(alice: Caller, say: Say, make_task: Make) -> None:
    make_task(alice, "Rent", description="for May", tags=["home"], priority=3, due_at=timezone.now())
    make_task(alice, "Milk", completed=True)
    before = [(t.id, t.title, t.description, t.tags, t.priority, t.due_at, t.completed) for t in tasks(alice)]
    for message in (
        "delete 'Rent' and 'Milk'",
        "rename 'Rent' to Hire, then make 'Hire' low priority",
        "complete 'Rent'",
    ):
        number = say(alice, message).json["conversation_id"]
        undone = say(alice, "undo", conversation_id=number)
        assert undone.status == 200
        tool = "add_task" if message.startswith("delete") else "update_task"
        assert {call["tool"] for call in undone.json["tool_calls"]} == {tool}

        after = [(t.id, t.title, t.description, t.tags, t.priority, t.due_at, t.completed) for t in tasks(alice)]
        assert after == before, message


def test_a_models_turn_is_taken_back_without_it(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Milk"})), says("Added."))
    number = say(alice, "Milk, please").json["conversation_id"]

    say(alice, "undo", conversation_id=number)

    assert titles(alice) == []


def test_what_changed_since_is_left_and_all_with_it(alice: Caller, say: Say) -> None:
    number = say(alice, "add milk; eggs").json["conversation_id"]
    services.edit_task(alice.id, tasks(alice)[0].id, {"title": "Oat milk"})

    answer = say(alice, "undo", conversation_id=number)

    assert "changed since" in answer.json["response"]
    assert sorted(titles(alice)) == ["Oat milk", "eggs"]


def test_it_is_done_once_and_for_fifteen_minutes(alice: Caller, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    number = say(alice, "add milk").json["conversation_id"]
    late = timezone.now() + timedelta(minutes=15, seconds=1)
    with monkeypatch.context() as patched:
        patched.setattr("assistant.turn.endings.timezone.now", lambda: late)
        say(alice, "undo", conversation_id=number)
    assert titles(alice) == ["milk"]

    assert "nothing" in say(alice, "undo", conversation_id=number).json["response"]
    assert titles(alice) == ["milk"]


def test_another_conversation_and_another_user_take_nothing_back(alice: Caller, bob: Caller, say: Say) -> None:
    number = say(alice, "add milk").json["conversation_id"]

    say(alice, "undo")
    assert say(bob, "undo", conversation_id=number).status == 404

    assert titles(alice) == ["milk"]
    assert Conversation.objects.get(user_id=alice.id, id=number).undo != {}


def test_what_waits_for_a_yes_is_no_change_yet(alice: Caller, say: Say, make_task: Make) -> None:
    make_task(alice, "Rent")
    number = say(alice, "delete all tasks").json["conversation_id"]

    say(alice, "undo", conversation_id=number)

    assert titles(alice) == ["Rent"]
    assert say(alice, "yes", conversation_id=number).json["tool_calls"] == []


@pytest.mark.parametrize("words", ["scratch that", "No, strike that!", "oops, cancel that", "never mind, undo it"])
def test_what_was_just_done_is_scratched(alice: Caller, say: Say, words: str) -> None:
    number = say(alice, "add milk").json["conversation_id"]

    say(alice, words, conversation_id=number)

    assert titles(alice) == []


@pytest.mark.parametrize(
    ("understand", "words"),
    [(undoing.is_asked, "undo"), (undoing.is_scratched, "scratch that")],
    ids=["ask", "scratch"],
)
def test_what_is_longer_than_such_words_are_is_another_matter(understand: Callable[[str], bool], words: str) -> None:
    assert understand(words.ljust(80, "!"))
    assert not understand(words.ljust(81, "!"))


@pytest.mark.parametrize("between", ["complete milk", "complete no such thing", "show my tasks", "delete milk"])
def test_what_was_done_before_is_not_scratched(alice: Caller, say: Say, make_task: Make, between: str) -> None:
    make_task(alice, "Milk", completed=True)
    number = say(alice, "add eggs").json["conversation_id"]
    for message in (between, "scratch that"):
        answer = say(alice, message, conversation_id=number)

    assert "eggs" in titles(alice)
    assert answer.json["pending_action"] is None


def test_to_cancel_what_waits_takes_nothing_back(alice: Caller, say: Say, make_task: Make) -> None:
    make_task(alice, "Rent")
    asked = say(alice, "delete all tasks and add milk").json
    assert asked["pending_action"]

    answer = say(alice, "cancel that", conversation_id=asked["conversation_id"])

    assert answer.json["response"] == "All right, nothing was changed."
    assert titles(alice) == ["Rent", "milk"]
