"""What is said after the assistant asked."""

import pytest

from assistant.tests.expected_calls import NOW, Calls, add, calls_of, complete, delete, reopen, show
from assistant.understanding import Guidance, understand

pytestmark = pytest.mark.once

ASKED_TITLE = "What should the task be called?"
ASK_DELETION = "Which task should I delete? Give me its number in the list, or its title in quotes."
SEVERAL = "Several tasks match “milk”. Which one should I complete?\n1. Buy milk\n2. Sell milk"


@pytest.mark.parametrize(
    ("before", "phrase", "calls"),
    [
        (ASKED_TITLE, "Buy milk", [add("Buy milk")]),
        (ASKED_TITLE, "milk", [add("milk")]),
        (ASKED_TITLE, "delete", []),
        (ASKED_TITLE, "'delete 2'", [add("delete 2")]),
        (ASKED_TITLE, "the report #work", [add("the report", tags=["work"])]),
        (ASKED_TITLE, "call it Buy milk", [add("Buy milk")]),
        (ASKED_TITLE, "add milk", [add("milk")]),
        (ASKED_TITLE, "show my tasks", [show()]),
        (ASKED_TITLE, "never mind", []),
        (ASKED_TITLE, "hello", []),
        (ASKED_TITLE, "why?", []),
        (f"Added “x”.\n{ASKED_TITLE}", "milk", [add("milk")]),
        ("Which task should I complete?", "2", [complete("2")]),
        ("Which task should I complete?", "the second one", [complete("2")]),
        ("Which task should I complete?", "2 and 3", [complete("2"), complete("3")]),
        ("Which task should I complete?", "the report", [complete("report")]),
        ("Which task should I reopen?", "number 2", [reopen("2")]),
        ("Which task should I delete?", "#2", [delete("2")]),
        ("Which task should I delete?", "'Buy milk'", [delete("Buy milk")]),
        ("Which task should I delete?", "photos", []),
        ("Which task should I delete?", "not 2", []),
        ("Which task should I delete?", "none of them", []),
        ("Which task should I delete?", "2?", []),
        ("Which task should I delete?", "all", []),
        ("Which task should I delete?", "complete 2", [complete("2")]),
        (SEVERAL, "2", [complete("2")]),
        (SEVERAL, "the first", [complete("1")]),
        (SEVERAL, "show my tasks", [show()]),
        (ASK_DELETION, "2", [delete("2")]),
        (ASK_DELETION, "'the old sofa'", [delete("the old sofa")]),
        # A title is no question of ours.
        ("Your tasks:\n1. Which task should I delete?", "2", []),
        ("Added “Which task should I delete?”.", "2", []),
        ("Your tasks:\n1. Buy milk", "2", []),
        (f"Your tasks:\n1. {ASKED_TITLE}", "milk", []),
    ],
)
def test_an_answer_is_taken_for_what_was_asked(before: str, phrase: str, calls: Calls) -> None:
    assert calls_of(phrase, before=before) == calls


def test_a_number_alone_is_nothing() -> None:
    assert understand("2", NOW).guidance is Guidance.UNCLEAR


@pytest.mark.parametrize(
    ("phrase", "only_reads"),
    [
        ("show my tasks", True),
        ("find milk", True),
        ("show my tasks and then find milk", True),
        ("help", True),
        ("hello", True),
        ("how do I delete a task?", True),
        ("show my tasks and delete 2", False),
        ("Show my tasks. Then show the flying pigs list", False),
        ("add milk", False),
        ("get all my tasks done", False),
        ("my tasks are all done", False),
        ("I need all tasks done", False),
        ("delete", False),
        ("asdf", False),
        ("don't delete 2", False),
        ("please tidy up my tasks a bit", False),
        ("", False),
    ],
)
def test_a_message_only_reads_where_that_is_sure(phrase: str, only_reads: bool) -> None:
    assert understand(phrase, NOW).only_reads is only_reads


def test_deletions_are_what_the_message_names() -> None:
    assert understand("delete 2 and 'Buy milk', then show my tasks", NOW).deletions == ("2", "Buy milk")
    assert understand("delete 2, then delete 'Buy milk'", NOW).deletions == ("2", "Buy milk")


def test_what_stays_unclear_is_said() -> None:
    understanding = understand("add milk. Then show the flying pigs list", NOW)

    assert [intent.tool for intent in understanding.intents] == ["add_task"]
    assert understanding.has_unclear_part
