from collections.abc import Iterator

import pytest
from pytest_django import Settings

from assistant.models import Conversation
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.services import run_turn
from assistant.tests.chat_facts import Say, tasks
from assistant.turn import beginnings
from assistant.turn.beginnings import Said
from testing.callers import Caller


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that chance gives, in turn."""
    left: list[int] = []
    given: Iterator[int] = iter(lambda: left.pop(0), None)
    monkeypatch.setattr(beginnings, "conversation_id", lambda now: next(given))
    return left


def test_an_id_that_is_taken_is_not_given_again(alice: Caller, say: Say, numbers: list[int]) -> None:
    numbers += [7, 7, 7, 8]

    begun = [say(alice, "Hello").json["conversation_id"] for _ in range(2)]

    assert begun == [7, 8]
    assert Conversation.objects.filter(user_id=alice.id).count() == 2


def test_five_ids_are_tried_before_it_is_given_up(alice: Caller, say: Say, numbers: list[int]) -> None:
    numbers += [7, 7, 7, 7, 7, 8, *[7] * 5]

    begun = [say(alice, "Hello").json["conversation_id"] for _ in range(2)]
    refused = say(alice, "Hello")

    assert begun == [7, 8]
    assert refused.is_problem(503, "unavailable")
    assert numbers == []
    assert alice.get("/api/auth/me").json["usage"]["conversations"]["used"] == 2


def test_two_people_may_have_conversations_of_one_number(
    alice: Caller, bob: Caller, say: Say, numbers: list[int]
) -> None:
    numbers += [7, 7]

    say(alice, "Hello")
    say(bob, "Add task: Buy milk")

    path = "conversations/7"
    assert alice.get(f"/api/{alice.id}/{path}").json["title"] == "Hello"
    assert bob.delete(f"/api/{bob.id}/{path}").status == 204
    assert alice.get(f"/api/{alice.id}/{path}").json["messages"][0]["content"] == "Hello"


@pytest.mark.parametrize(("length", "title"), [(80, "x" * 80), (81, "x" * 79 + "\u2026")])
def test_a_title_is_as_much_of_the_message_as_eighty_characters_hold(
    alice: Caller, say: Say, length: int, title: str
) -> None:
    say(alice, "x" * length)

    assert Conversation.objects.get(user_id=alice.id).title == title


def test_of_two_that_begin_at_once_under_one_name_the_second_goes_on(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_turn(alice.user, Said("Hello", name="groceries"), BuiltinProvider())
    # The other one began just after it was looked for.
    find = beginnings.find_id
    found = iter([None])
    monkeypatch.setattr(beginnings, "find_id", lambda user, name: next(found, find(user, name)))

    run_turn(alice.user, Said("Hello again", name="groceries"), BuiltinProvider())

    assert Conversation.objects.get(user_id=alice.id).message_count == 4
    assert alice.get("/api/auth/me").json["usage"]["conversations"]["used"] == 1


def test_one_in_which_nothing_was_said_counts_no_messages(alice: Caller) -> None:
    assert beginnings.open_conversation(alice.user, "Talk").message_count == 0
    assert Conversation.objects.get(user_id=alice.id).message_count == 0


@pytest.mark.parametrize(("order", "month"), [("mdy", 3), ("dmy", 4)])
def test_a_date_is_read_in_the_order_of_the_service(
    alice: Caller, say: Say, settings: Settings, order: str, month: int
) -> None:
    settings.DATE_ORDER = order

    say(alice, "add milk on 3/4/2031")

    [task] = tasks(alice)
    assert task.due_at
    assert task.due_at.month == month
