"""What is said and decided in one conversation leaves a person's others alone."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from assistant import services
from assistant.models import Conversation, Message, PendingAction
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.services import Decision, decide, read_conversation
from assistant.tests.chat_facts import Say, messages, titles
from assistant.tools.plans import Change
from assistant.turn import confirmations
from assistant.turn.endings import Turn
from assistant.turn.history import messages_for
from core.errors import NotFound
from core.ids import uuid7
from testing.callers import Caller


def conversation(caller: Caller, number: int) -> Conversation:
    return Conversation.objects.get(user_id=caller.id, id=number)


@pytest.fixture
def both(alice: Caller, say: Say) -> list[int]:
    """Two conversations of Alice's."""
    return [say(alice, text).json["conversation_id"] for text in ("Hello", "Hello again")]


def test_what_one_did_is_taken_back_there_alone(alice: Caller, say: Say, both: list[int]) -> None:
    for number, text in zip(both, ("add milk", "add tea"), strict=True):
        say(alice, text, conversation_id=number)

    say(alice, "undo", conversation_id=both[0])
    assert titles(alice) == ["tea"]
    say(alice, "undo", conversation_id=both[0])
    assert titles(alice) == ["tea"]
    say(alice, "undo", conversation_id=both[1])
    assert titles(alice) == []


def test_where_nothing_was_done_nothing_is_taken_back(alice: Caller, say: Say, both: list[int]) -> None:
    say(alice, "add milk", conversation_id=both[0])

    say(alice, "undo", conversation_id=both[1])

    assert titles(alice) == ["milk"]


def test_each_has_its_own_name_and_keeps_when_it_was_last_spoken_in(alice: Caller, both: list[int]) -> None:
    before = [conversation(alice, number) for number in both]

    services.rename_conversation(alice.user, both[0], "  Groceries\n for May ")

    after = [conversation(alice, number) for number in both]
    assert [each.title for each in after] == ["Groceries for May", "Hello again"]
    assert [each.updated_at for each in after] == [each.updated_at for each in before]


def test_what_is_not_there_is_not_renamed(alice: Caller, bob: Caller, both: list[int]) -> None:
    with pytest.raises(NotFound):
        services.rename_conversation(bob.user, both[0], "Mine")

    assert conversation(alice, both[0]).title == "Hello"


def test_one_shows_no_words_of_another(alice: Caller, say: Say, both: list[int]) -> None:
    say(alice, "Add task: Milk", conversation_id=both[1])
    said = Message.objects.filter(user_id=alice.id, role="user").order_by("id")

    assert [each.content for each in read_conversation(conversation(alice, both[0]), None).messages][::2] == ["Hello"]
    told = messages_for(BuiltinProvider(), said[2], timezone.now())
    assert "Hello" not in [message["content"] for message in told]


def test_one_that_was_deleted_meanwhile_shows_nothing(alice: Caller, both: list[int]) -> None:
    said = Message.objects.filter(user_id=alice.id, conversation_id=both[0], role="user").get()
    services.delete_conversation(alice.user, both[0])

    told = messages_for(BuiltinProvider(), said, timezone.now())

    assert [message["role"] for message in told] == ["system"]
    assert messages(alice)[0] == ("user", "Hello again")


def test_the_newest_hundred_messages_are_read(alice: Caller, both: list[int]) -> None:
    now = timezone.now()
    Message.objects.filter(user_id=alice.id).delete()
    said = [
        Message(user_id=alice.id, id=uuid7(now), conversation_id=both[0], role="user", content=str(n), created_at=now)
        for n in range(101)
    ]
    # One by one, as Citus takes rows with a policy.
    Message.objects.bulk_create(said, batch_size=1)

    whole = read_conversation(conversation(alice, both[0]), None)

    assert [message.id for message in whole.messages] == sorted(message.id for message in whole.messages)
    assert len(whole.messages) == 100


@pytest.fixture
def waiting(alice: Caller, say: Say, both: list[int]) -> PendingAction:
    """In the first of both."""
    say(alice, "Add task: Milk", conversation_id=both[0])
    say(alice, "delete all", conversation_id=both[0])
    return PendingAction.objects.get(user_id=alice.id)


class Listener:
    def __init__(self) -> None:
        self.heard = ""

    def hear(self, text: str) -> None:
        self.heard += text

    def watch(self, step: object) -> None:
        raise AssertionError("nothing is done")


def test_a_button_that_refuses_forgets_what_waits(alice: Caller, both: list[int], waiting: PendingAction) -> None:
    listener, ended = Listener(), list[Turn]()
    refusal = Decision(waiting.id, frozenset())

    turn = decide(alice.user, conversation(alice, both[0]), refusal, listener, ended.append)

    assert turn.response == listener.heard == "All right, nothing was changed."
    assert ended == [turn]
    assert messages(alice)[-2:] == [("user", "No."), ("assistant", turn.response)]
    assert not PendingAction.objects.filter(user_id=alice.id).exists()
    assert titles(alice) == ["Milk"]


@pytest.mark.parametrize("chosen", [None, frozenset[int]()])
def test_a_button_of_another_conversation_is_told_to_be_too_late(
    alice: Caller, both: list[int], waiting: PendingAction, chosen: frozenset[int] | None
) -> None:
    listener = Listener()

    turn = decide(alice.user, conversation(alice, both[1]), Decision(waiting.id, chosen), listener)

    assert turn.response == listener.heard == "That is not waiting for a yes any more."
    assert messages(alice)[-2:] == [("user", "Yes."), ("assistant", turn.response)]
    assert PendingAction.objects.filter(user_id=alice.id).get() == waiting
    assert titles(alice) == ["Milk"]


def test_what_is_said_in_another_conversation_lets_it_wait(
    alice: Caller, say: Say, both: list[int], waiting: PendingAction
) -> None:
    for text in ("Hello", "no", "delete all"):
        say(alice, text, conversation_id=both[1])

    assert PendingAction.objects.filter(user_id=alice.id, id=waiting.id).exists()
    assert say(alice, "yes", conversation_id=both[0]).json["response"] == "Deleted \u201cMilk\u201d."


def test_at_the_end_of_its_time_it_waits_no_more(
    alice: Caller, say: Say, both: list[int], waiting: PendingAction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: waiting.expires_at)

    assert read_conversation(conversation(alice, both[0]), None).pending_action is None
    with pytest.raises(NotFound):
        services.confirm_action(alice.user, conversation(alice, both[0]), waiting.id)
    assert "too long" in say(alice, "yes", conversation_id=both[0]).json["response"]
    # And it is forgotten, whatever was said.
    assert not PendingAction.objects.filter(user_id=alice.id).exists()
    assert titles(alice) == ["Milk"]


def test_twenty_wait_at_once_without_a_conversation(
    alice: Caller, bob: Caller, both: list[int], waiting: PendingAction
) -> None:
    change, now = Change("delete_task", uuid.uuid4(), "Milk"), timezone.now()

    kept = [confirmations.hold(alice.id, None, [change], now + timedelta(seconds=n)).id for n in range(21)]
    confirmations.hold(bob.id, None, [change], now)

    actions = PendingAction.objects.filter(user_id=alice.id)
    assert {action.id for action in actions} == {waiting.id, *kept[1:]}
