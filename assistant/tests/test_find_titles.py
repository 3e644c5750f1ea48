"""Which tasks come near to some words, and how near."""

from collections.abc import Callable
from typing import Final

import pytest

from assistant.tools.matching import Ambiguous, match_task
from assistant.tools.titles import Titles, knower
from tasks.models import Task
from testing.callers import Caller

TITLES: Final = ("Buy ink", "Call the plumbers", "Quarterly report", "Do the thing", "Buy milk and eggs")


@pytest.fixture(autouse=True)
def _tasks(alice: Caller, make_task: Callable[..., Task]) -> None:
    for title in TITLES:
        make_task(alice, title, tags=["Work"] if title == "Quarterly report" else [])


@pytest.mark.parametrize(
    ("words", "title", "is_sure"),
    [
        ("buy ink", "Buy ink", True),
        ("eggs", "Buy milk and eggs", True),
        # A part of a word, and one that is in too many.
        ("ilk", "Buy milk and eggs", True),
        ("il", "Buy milk and eggs", False),
        # Forms of words, of which a part is none.
        ("calling plumber", "Call the plumbers", True),
        ("bought the milk", "Buy milk and eggs", True),
        ("work", "Quarterly report", True),
        ("the work report", "Quarterly report", True),
        ("works reports", "Quarterly report", True),
        # Words that say nothing, unless there are no others.
        ("the milk thing", "Buy milk and eggs", True),
        ("my thing", "Do the thing", True),
        # Mistyped, or another first word.
        ("mlik", "Buy milk and eggs", False),
        ("quaterly reprot", "Quarterly report", False),
        ("got the ink", "Buy ink", False),
        ("ink got", None, True),
        ("got", None, False),
        ("nilk", None, False),
        ("the task", None, True),
        ("?", None, True),
    ],
)
def test_what_comes_nearest_is_found(alice: Caller, words: str, title: str | None, is_sure: bool) -> None:
    tasks = Task.objects.visible_to(alice.user)

    found = Titles(tasks).find(words)

    assert [task.title for task in tasks.filter(id__in=found.ids)] == ([title] if title else [])
    assert not title or found.is_sure is is_sure


def test_what_is_not_sure_is_asked_about(alice: Caller) -> None:
    with pytest.raises(Ambiguous, match="Only one task comes near \u201cil\u201d") as one:
        match_task(alice.user, "il", ())
    with pytest.raises(Ambiguous, match="Several tasks match \u201cbuy\u201d") as several:
        match_task(alice.user, "buy", ())

    assert [task.title for task in one.value.matches] == ["Buy milk and eggs"]
    assert [task.title for task in several.value.matches] == ["Buy milk and eggs", "Buy ink"]


@pytest.mark.parametrize(
    ("words", "is_known"),
    [("milk", True), ("buy", True), ("il", False), ("mlik", False), ("zebra", False), ("2", False), ("# 2", False)],
)
def test_words_that_surely_name_a_task_are_known_and_numbers_are_not(
    alice: Caller, make_task: Callable[..., Task], words: str, is_known: bool
) -> None:
    make_task(alice, "Buy # 2 pencils")
    knows = knower(alice.user)

    assert [knows(words), knows(words)] == [is_known] * 2


def test_ten_of_those_that_match_are_told(alice: Caller, make_task: Callable[..., Task]) -> None:
    for number in range(11):
        make_task(alice, f"Walk {number}")

    for words in ("walk", "wlak"):
        with pytest.raises(Ambiguous) as refused:
            match_task(alice.user, words, ())

        assert len(refused.value.matches) == 10
