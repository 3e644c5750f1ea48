"""How far a turn looks back in its conversation."""

import json
from typing import Any, Final

import pytest
from django.utils import timezone

from assistant.models import Conversation, Message, Role
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.tests.model_calls import Connect
from assistant.turn.beginnings import open_conversation
from assistant.turn.history import keep_message, messages_for
from assistant.turn.recalling import has_just_changed, recall
from testing.callers import Caller

LIST: Final = {"tool": "list_tasks", "arguments": {}, "result": {"tasks": [{"id": "1", "title": "Tea"}]}}
CHANGE: Final = {"tool": "add_task", "arguments": {"title": "Tea"}, "result": {"task": {"id": "1", "title": "Tea"}}}


@pytest.fixture
def talk(alice: Caller) -> Conversation:
    return open_conversation(alice.user, "Talk")


def asks(conversation: Conversation, text: str = "Hm?") -> Message:
    return keep_message(conversation, Role.PERSON, text)


def answers(conversation: Conversation, text: str, *calls: Any) -> Message:
    return keep_message(conversation, Role.ASSISTANT, text, provider="builtin", tool_calls=list(calls))


@pytest.mark.parametrize(("by_model", "most"), [(True, 20), (False, 3)])
def test_so_many_messages_are_sent_though_nobody_answered_them(
    talk: Conversation, connect: Connect, by_model: bool, most: int
) -> None:
    said = [asks(talk, str(number)) for number in range(22)]
    provider = connect() if by_model else BuiltinProvider()

    told = messages_for(provider, said[-1], timezone.now())

    assert [message["content"] for message in told[1:]] == [str(number) for number in range(22 - most, 22)]


@pytest.mark.parametrize(("length", "sent"), [(60_000, 2), (60_001, 1)])
def test_what_is_sent_is_sixty_thousand_characters_long_at_most(talk: Conversation, length: int, sent: int) -> None:
    around = sum(len(json.dumps([{"role": "user", "content": text}])) for text in ("", "Hi"))
    asks(talk, "x" * (length - around))

    assert len(messages_for(BuiltinProvider(), asks(talk, "Hi"), timezone.now())[1:]) == sent


@pytest.mark.parametrize(("between", "is_remembered"), [(5, True), (6, False)])
def test_what_was_told_is_remembered_over_five_messages_more(
    talk: Conversation, between: int, is_remembered: bool
) -> None:
    answers(talk, "Here.", LIST)
    for number in range(between):
        asks(talk, str(number))

    earlier = recall(talk, asks(talk))

    assert [call.tool for call in earlier.calls] == ["list_tasks"] * is_remembered
    assert earlier.said == str(between - 1)


def test_the_last_answer_is_told_from_the_last_one_with_calls(talk: Conversation) -> None:
    asks(talk, "Show my tasks")
    answers(talk, "Here.", LIST)
    first = recall(talk, asks(talk, "Thanks"))
    answers(talk, "You are welcome.")
    second = recall(talk, asks(talk))

    assert (first.answer, first.is_recent, first.said) == ("Here.", True, "Show my tasks")
    assert (second.answer, second.is_recent, second.said) == ("You are welcome.", False, "Thanks")
    assert first.calls == second.calls
    assert first.calls[0].tasks == (("1", "Tea"),)


def test_where_nothing_was_said_there_is_nothing_to_look_back_at(talk: Conversation) -> None:
    said = asks(talk, "scratch that")

    earlier = recall(talk, said)

    assert (earlier.answer, earlier.said, earlier.calls, earlier.is_recent) == ("", "", (), False)
    assert not has_just_changed(said)


def test_neither_what_comes_later_nor_another_conversation_is_looked_at(alice: Caller, talk: Conversation) -> None:
    other = open_conversation(alice.user, "Another")
    asks(talk, "Hello")
    answers(talk, "Hello.")
    asks(other, "Add tea")
    answers(other, "Added.", CHANGE)
    said = asks(talk)
    answers(talk, "Added.", CHANGE)
    asks(talk, "Thanks")

    earlier = recall(talk, said)

    assert (earlier.answer, earlier.said, earlier.calls) == ("Hello.", "Hello", ())
    assert not has_just_changed(said)
    assert has_just_changed(asks(other))
