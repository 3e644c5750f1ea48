"""Help is of what somebody tried, and never the same twice."""

import pytest

from assistant.tests.builtin_turn import BuiltinTurn

ALL = ("add buy milk", "show my pending tasks", "complete 2", "rename 2", "find plumber", "undo")


def answer(message: str, before: str | None = None) -> str:
    earlier = () if before is None else ({"role": "user", "content": "x"}, {"role": "assistant", "content": before})
    return BuiltinTurn(message, earlier).go_on().text


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("deletify 3", ["delete 2"]),
        ("how do i delete a task?", ["delete 2"]),
        ("how do I change the due date?", ["move 2 to friday"]),
        ("how can i set a deadline", ["move 2 to friday"]),
        ("help me with dates", ["move 2 to friday"]),
        ("help with tags", ["tag 2 with home"]),
        ("the task 3 dated soonish flurb", ["move 2 to friday"]),
        ("snorkel 3 as doneish finished", ["complete 2"]),
        ("how do i undo?", ["undo"]),
        ("how to search", ["find plumber"]),
        ("i need help with priorities", ["make 2 high priority"]),
        ("how do reminders work", ["move 2 to friday"]),
        ("how does repeating a task work", ["cannot repeat yet"]),
    ],
)
def test_what_was_tried_is_what_is_shown(message: str, shown: list[str]) -> None:
    told = answer(message)
    examples = [line for line in told.splitlines() if line.startswith("\u2022")]

    assert all(any(words in line for line in examples) for words in shown), told
    assert len(examples) <= 3


@pytest.mark.parametrize("message", ["help", "what can you do?", "who are you?", "?", "I need help"])
def test_who_asks_in_general_is_shown_everything(message: str) -> None:
    told = answer(message)
    assert all(words in told for words in ALL)


def test_nothing_to_go_by_is_answered_briefly_and_the_second_time_in_full() -> None:
    first = answer("asdf qwer")
    second = answer("zxcv", before=first)

    assert first.count("\n") == 0
    assert "help" in first
    assert all(words in second for words in ALL)
    assert second != first


def test_a_greeting_is_short() -> None:
    assert answer("hello").count("\n") == 0


def test_who_says_not_to_is_not_lectured() -> None:
    assert answer("don't delete 2") == "All right, I have changed nothing."
