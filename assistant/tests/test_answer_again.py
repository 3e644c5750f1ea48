"""A message is answered again, and what its answer did is not done again."""

import uuid

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from assistant.models import Conversation, Message, PendingAction
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.services import run_turn
from assistant.tests.audiences import Notes
from assistant.tests.chat_facts import Say, messages, titles
from assistant.turn.audience import NOBODY
from assistant.turn.beginnings import Said
from assistant.turn.endings import Turn
from assistant.turn.repeating import find_said, kept_answer, take_up, tell_again
from core.errors import NotFound
from core.quotas import QuotaExceeded
from testing.callers import Caller


def begin(caller: Caller, say: Say, *texts: str) -> int:
    """A conversation in which these are said."""
    number: int = say(caller, texts[0]).json["conversation_id"]
    for text in texts[1:]:
        say(caller, text, conversation_id=number)
    return number


def said(caller: Caller, number: int) -> list[Message]:
    """By the person."""
    return [*Message.objects.filter(user_id=caller.id, conversation_id=number, role="user").order_by("id")]


def counted(caller: Caller, number: int) -> tuple[int, int]:
    """The messages that the conversation counts, and those that it has."""
    whole = Conversation.objects.get(user_id=caller.id, id=number)
    return whole.message_count, Message.objects.filter(user_id=caller.id, conversation_id=number).count()


def again(caller: Caller, number: int, message_id: uuid.UUID, text: str = "Hello") -> Turn:
    return run_turn(caller.user, Said(text, number, again=message_id), BuiltinProvider())


def test_the_persons_last_message_of_the_words_is_meant(alice: Caller, bob: Caller, say: Say) -> None:
    number = begin(alice, say, "Hello", "Hello", "Help")
    begin(alice, say, "Hello")
    answer = Message.objects.filter(user_id=alice.id, role="assistant").earliest("created_at").content

    found = find_said(alice.id, number, "Hello")

    assert found == said(alice, number)[1]
    assert find_said(alice.id, number, answer) is None
    assert find_said(bob.id, number, "Hello") is None


def test_an_answer_is_kept_where_tasks_have_changed_since(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Hello", "Add task: Milk", "Hello")

    kept = [kept_answer(message) for message in said(alice, number)]

    answers = Message.objects.filter(user_id=alice.id, role="assistant").order_by("id")
    # The first too: what came after it has changed some.
    assert kept == [answers[0], answers[1], None]


@pytest.mark.parametrize("text", ["Show my tasks", "complete no such thing", "complete tea", "delete all"])
def test_what_changed_nothing_is_not_kept(alice: Caller, say: Say, text: str) -> None:
    begin(alice, say, "Add task: Tea", "complete tea")
    number = begin(alice, say, text)

    assert kept_answer(said(alice, number)[0]) is None


def test_what_is_answered_by_nothing_yet_has_no_answer(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Add task: Tea", "Add task: Milk")
    first, second = said(alice, number)
    assert kept_answer(first)

    Message.objects.filter(user_id=alice.id, id__gt=first.id, id__lt=second.id).delete()

    # The next message is another one of the person's.
    assert kept_answer(first) is None
    Message.objects.filter(user_id=alice.id, id__gt=second.id).delete()
    assert kept_answer(second) is None


def test_a_kept_answer_is_told_as_the_turn_it_came_from(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Add task: Milk and add task: Tea")
    answer, notes, ended = kept_answer(said(alice, number)[0]), Notes(), list[tuple[Turn, bool]]()
    assert answer
    before = messages(alice)

    turn = tell_again(answer, notes, lambda turn: ended.append((turn, connection.in_atomic_block)))

    assert ended == [(turn, True)]
    assert (turn.conversation_id, turn.response, turn.message) == (number, answer.content, answer)
    assert [step.represent() for step in turn.steps] == answer.tool_calls
    assert notes.watched == [call["tool"] for call in answer.tool_calls]
    assert notes.heard == answer.content
    assert turn.pending_action is None
    assert messages(alice) == before
    assert titles(alice) == ["Milk", "Tea"]


def test_with_a_kept_answer_what_still_waits_is_shown(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Add task: Milk", "delete all")
    answer = kept_answer(said(alice, number)[0])
    waiting = PendingAction.objects.get(user_id=alice.id)
    assert answer
    assert tell_again(answer, NOBODY, lambda turn: None).pending_action == waiting

    PendingAction.objects.filter(user_id=alice.id).update(expires_at=timezone.now())

    assert tell_again(answer, NOBODY, lambda turn: None).pending_action is None


def test_what_came_after_a_message_that_is_answered_again_is_forgotten(alice: Caller, say: Say) -> None:
    begin(alice, say, "Add task: Milk")
    number = begin(alice, say, "Hello", "Hello", "delete all")
    other = begin(alice, say, "delete all")
    first, second, _ = said(alice, number)

    turn = again(alice, number, second.id)

    assert said(alice, number) == [first, second]
    assert counted(alice, number) == (4, 4)
    assert turn.message == Message.objects.filter(user_id=alice.id, conversation_id=number).latest("created_at")
    # Its own waits no more; that of another conversation does, and all that was said there is still there.
    assert [action.conversation_id for action in PendingAction.objects.filter(user_id=alice.id)] == [other]
    assert counted(alice, other) == (2, 2)


def test_what_has_changed_tasks_is_not_forgotten(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Hello", "Add task: Milk")

    assert take_up(alice.id, number, said(alice, number)[0].id) == said(alice, number)[0]

    assert counted(alice, number) == (4, 4)


def test_only_a_message_of_the_persons_in_the_conversation_is_taken_up(alice: Caller, say: Say) -> None:
    number, other = begin(alice, say, "Hello"), begin(alice, say, "Hello")
    answer = Message.objects.get(user_id=alice.id, conversation_id=number, role="assistant")

    for stranger in (answer.id, said(alice, other)[0].id, uuid.uuid4()):
        assert take_up(alice.id, number, stranger) is None

    # So the words are kept as a message of their own.
    again(alice, number, answer.id)
    assert counted(alice, number) == (4, 4)
    assert counted(alice, other) == (2, 2)


def test_a_new_answer_has_the_room_of_the_old_one(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = 2
    number = begin(alice, say, "Hello")

    again(alice, number, said(alice, number)[0].id)

    assert counted(alice, number) == (2, 2)


def test_where_the_old_answer_stays_the_new_one_needs_room(alice: Caller, say: Say, settings: Settings) -> None:
    settings.MAX_MESSAGES = 2
    number = begin(alice, say, "Add task: Milk")

    # Before anybody is asked for it.
    with pytest.raises(QuotaExceeded):
        take_up(alice.id, number, said(alice, number)[0].id)
    with pytest.raises(QuotaExceeded):
        again(alice, number, said(alice, number)[0].id)

    assert counted(alice, number) == (2, 2)


def test_in_a_conversation_that_is_gone_nothing_is_answered_again(alice: Caller, say: Say) -> None:
    number = begin(alice, say, "Hello")
    message_id = said(alice, number)[0].id
    assert alice.delete(f"/api/{alice.id}/conversations/{number}").status == 204

    with pytest.raises(NotFound):
        again(alice, number, message_id)
