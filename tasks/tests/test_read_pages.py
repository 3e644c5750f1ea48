"""Pages of tasks as the assistant and other clients' conventions ask for them, beside the list's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
import pytest
from django.http import QueryDict
from django.utils import timezone

from core.ids import uuid7
from tasks.lists import arrays
from tasks.lists.orderings import NEWEST_FIRST
from tasks.lists.pages import Page, TaskPagination, count_tasks, read_page
from tasks.lists.selections import Selection
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]

NOON: Final = datetime(2026, 1, 14, 12, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)


def titles(page: Page) -> list[str]:
    return [task["title"] for task in orjson.loads(page.json)]


@pytest.fixture
def five(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    """Of which the second and the fourth are done."""
    for title in "abcde":
        make_task(alice, title, completed=title in "bd")
    make_task(bob, "of another")


@pytest.mark.usefixtures("five")
def test_a_selection_of_nothing_is_all_tasks_whatever_their_state(alice: Caller) -> None:
    page = read_page(alice.id, Selection(), NEWEST_FIRST, None, 10)

    assert (titles(page), page.count, page.last) == (["e", "d", "c", "b", "a"], 5, None)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("skip", "expected", "is_more"),
    [(0, "ed", True), (1, "dc", True), (3, "ba", False), (4, "a", False), (5, "", False)],
)
def test_so_many_tasks_are_passed_over(alice: Caller, skip: int, expected: str, is_more: bool) -> None:
    page = read_page(alice.id, Selection(), NEWEST_FIRST, None, 2, skip)

    assert "".join(titles(page)) == expected
    assert page.count == len(expected)
    assert (page.last is not None) is is_more


@pytest.mark.parametrize("query", ["", "skip=3", "offset=3"])
def test_the_services_own_words_pass_none_over(query: str) -> None:
    assert TaskPagination().skip(QueryDict(query)) == 0


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(("ordering", "expected"), [("status", "acebd"), ("-status", "dbeca")])
def test_by_status_those_of_one_state_come_before_the_others_page_by_page(
    alice: Caller, ordering: str, expected: str
) -> None:
    path, found = f"{alice.tasks}?ordering={ordering}&limit=2", ""
    cursor: Any = ""
    while cursor is not None:
        answer = alice.get(f"{path}&cursor={cursor}" if cursor else path).json
        found += "".join(task["title"] for task in answer["data"])
        cursor = answer["meta"]["next_cursor"]

    assert found == expected


def test_of_several_whole_pages_each_task_is_read_once(alice: Caller) -> None:
    now = timezone.now()
    Task.objects.bulk_create(
        Task(id=uuid7(), user_id=alice.id, title=f"{number}", created_at=now, updated_at=now) for number in range(450)
    )

    page = read_page(alice.id, Selection(), NEWEST_FIRST, None, 400, 7)

    assert page.count == len(set(titles(page))) == 400
    assert page.last is not None


@pytest.mark.parametrize(("spare", "count"), [(0, 2), (-1, 1), (1, 2)])
def test_a_page_has_as_many_bytes_as_it_may_and_no_more(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, spare: int, count: int
) -> None:
    for title in "abc":
        make_task(alice, title)
    # Each with the comma or bracket behind it.
    two = len(read_page(alice.id, Selection(), NEWEST_FIRST, None, 2).json) - 1
    monkeypatch.setattr(arrays, "MAX_BYTES", two + spare)

    page = read_page(alice.id, Selection(), NEWEST_FIRST, None, 3)

    assert page.count == count
    assert page.last is not None


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"has_due_at": True}, ["due"]),
        ({"has_due_at": False}, ["done", "open"]),
        ({"not_due_before": NOON}, ["due", "done", "open"]),
        ({"not_due_before": NOON + SECOND}, ["done", "open"]),
        ({"completed_after": NOON}, ["done"]),
        ({"completed_after": NOON + SECOND}, []),
        ({"completed_before": NOON}, []),
        ({"completed_before": NOON + SECOND}, ["done"]),
    ],
)
def test_who_asks_in_words_may_select_by_more_than_a_url_says(
    alice: Caller, make_task: MakeTask, asked: dict[str, Any], wanted: list[str]
) -> None:
    make_task(alice, "open")
    make_task(alice, "done", completed_at=NOON)
    make_task(alice, "due", due_at=NOON)

    page = read_page(alice.id, Selection(**asked), NEWEST_FIRST, None, 10)

    assert titles(page) == wanted
    assert count_tasks(alice.id, Selection(**asked))[0] == len(wanted)
