"""``MAX_CONVERSATIONS``, and ``MAX_MESSAGES`` in each."""

import pytest
from pytest_django import Settings

from assistant.models import Conversation, Message
from assistant.tests.chat_facts import Say
from testing.callers import Caller, in_parallel

pytestmark = pytest.mark.django_db


def kept(caller: Caller, conversation_id: int) -> int:
    return Message.objects.filter(user_id=caller.id, conversation_id=conversation_id).count()


def test_one_conversation_more_is_409(alice: Caller, bob: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_CONVERSATIONS = 2
    first, _ = (say(alice, "Hello").json["conversation_id"] for _ in range(2))

    refused = say(alice, "Add task: Buy milk")

    assert refused.is_problem(409, "quota_exceeded")
    assert alice.get(alice.tasks).json["data"] == []
    assert alice.get("/api/auth/me").json["usage"]["conversations"] == {"used": 2, "limit": 2}
    assert say(alice, "Hello again", conversation_id=first).status == 200
    assert say(bob, "Hello").status == 200

    assert alice.delete(f"/api/{alice.id}/conversations/{first}").status == 204
    assert say(alice, "Hello").status == 200
    assert say(alice, "Hello").is_problem(409, "quota_exceeded")


def test_a_full_conversation_is_409_and_keeps_what_it_has(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = 5
    begun = say(alice, "Hello").json["conversation_id"]
    say(alice, "Hello", conversation_id=begun)

    # The answer would be one too many.
    refused = say(alice, "Add task: Buy milk", conversation_id=begun)

    assert refused.is_problem(409, "quota_exceeded")
    assert kept(alice, begun) == 4
    assert alice.get(alice.tasks).json["data"] == []
    assert say(alice, "Hello").status == 200


def test_an_unknown_conversation_is_404_as_before(alice: Caller, say: Say) -> None:
    assert say(alice, "Hello", conversation_id=1).is_problem(404, "conversation_not_found")
    assert say(alice, "Hello", conversation_id="1" + "0" * 30).is_problem(404, "conversation_not_found")


def test_zero_is_no_cap(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = settings.MAX_CONVERSATIONS = 0
    begun = say(alice, "Hello").json["conversation_id"]

    assert say(alice, "Hello", conversation_id=begun).status == 200
    assert alice.get("/api/auth/me").json["usage"]["conversations"] == {"used": 1, "limit": None}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_turns_at_once_no_message_is_one_too_many(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = 7
    begun = say(alice, "Hello").json["conversation_id"]

    statuses = in_parallel([lambda: say(alice, "Hello", conversation_id=begun).status] * 6)

    assert set(statuses) <= {200, 409}
    assert 409 in statuses
    assert kept(alice, begun) <= 7
    assert Conversation.objects.get(user_id=alice.id, id=begun).message_count == kept(alice, begun)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_conversations_at_once_exactly_as_many_begin(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_CONVERSATIONS = 2

    statuses = in_parallel([lambda: say(alice, "Hello").status] * 5)

    assert sorted(statuses) == [200, 200, 409, 409, 409]


def test_a_conversation_is_filled_to_the_last_message(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = 4
    begun = say(alice, "Hello").json["conversation_id"]

    assert say(alice, "Hello", conversation_id=begun).status == 200
    assert say(alice, "Hello", conversation_id=begun).is_problem(409, "quota_exceeded")


@pytest.mark.parametrize("by_button", [True, False])
def test_a_yes_counts_as_the_messages_it_keeps(alice: Caller, say: Say, by_button: bool) -> None:
    say(alice, "Add task: Milk")
    asked = say(alice, "delete all").json
    begun = asked["conversation_id"]

    if by_button:
        body = {"action_id": asked["pending_action"]["id"]}
        assert alice.post(f"/api/{alice.id}/conversations/{begun}/confirm", body).status == 200
    else:
        assert say(alice, "yes", conversation_id=begun).status == 200

    assert kept(alice, begun) == 4
    assert Conversation.objects.get(user_id=alice.id, id=begun).message_count == 4
