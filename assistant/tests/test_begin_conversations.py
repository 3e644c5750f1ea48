from collections.abc import Iterator

import pytest

from assistant.models import Conversation
from assistant.tests.chat_facts import Say
from assistant.turn import beginnings
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
