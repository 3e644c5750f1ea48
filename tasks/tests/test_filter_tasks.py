from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from tasks.lists.filters import read_selection
from tasks.models import Priority, Task
from testing.callers import Caller

MakeTask = Callable[..., Task]
NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def found(caller: Caller, query: str) -> set[str]:
    answer = caller.get(f"{caller.tasks}?{query}")
    assert answer.status == 200, answer
    return {task["title"] for task in answer.json["data"]}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("completed=true", {"done"}),
        ("completed=false", {"open"}),
        ("status=completed", {"done"}),
        ("status=active", {"open"}),
        ("status=pending", {"open"}),
        ("status=all", {"open", "done"}),
        ("completed=true&status=completed", {"done"}),
        ("completed=false&status=all", {"open"}),
        # Both hold, and no task is both.
        ("completed=true&status=pending", set()),
        ("completed=false&status=completed", set()),
    ],
)
def test_by_state(alice: Caller, make_task: MakeTask, query: str, titles: set[str]) -> None:
    make_task(alice, "open")
    make_task(alice, "done", completed=True)

    assert found(alice, query) == titles


@pytest.mark.parametrize("priority", Priority)
def test_by_priority(alice: Caller, make_task: MakeTask, priority: Priority) -> None:
    for each in Priority:
        make_task(alice, each.label, priority=each)

    assert found(alice, f"priority={priority.label}") == {priority.label}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("due_after=2026-01-14T12:00:00Z", {"at", "after"}),
        ("due_before=2026-01-14T12:00:00Z", {"before"}),
        ("due_after=2026-01-14T12:00:00.000001Z", {"after"}),
        ("due_before=2026-01-14T12:00:00.000001Z", {"before", "at"}),
        ("due_after=2026-01-14T14:00:00%2B02:00&due_before=2026-01-14T12:00:00.000001Z", {"at"}),
        ("due_after=2026-01-15T00:00:00Z&due_before=2026-01-14T00:00:00Z", set()),
        ("due_after=0001-01-01T00:00:00Z", {"before", "at", "after"}),
        ("due_before=9999-12-31T23:59:59.999999Z", {"before", "at", "after"}),
    ],
)
def test_by_due_time_from_inclusive_to_exclusive(
    alice: Caller, make_task: MakeTask, query: str, titles: set[str]
) -> None:
    make_task(alice, "before", due_at=NOON - MICROSECOND)
    make_task(alice, "at", due_at=NOON)
    make_task(alice, "after", due_at=NOON + MICROSECOND)
    make_task(alice, "never")

    assert found(alice, query) == titles


def test_by_last_change_inclusive(alice: Caller, make_task: MakeTask) -> None:
    first, second = make_task(alice, "first"), make_task(alice, "second")
    moved = alice.patch(f"{alice.tasks}/{first.id}", {"priority": "high"}).json["updated_at"]

    assert found(alice, f"updated_since={moved}") == {"first"}
    created = alice.get(f"{alice.tasks}/{second.id}").json["updated_at"]
    assert found(alice, f"updated_since={created}") == {"first", "second"}
    assert found(alice, "updated_since=2100-01-01T00:00:00Z") == set()


def test_all_filters_hold_at_once(alice: Caller, make_task: MakeTask) -> None:
    wanted: dict[str, Any] = {"priority": Priority.HIGH, "due_at": NOON, "tags": ["home"], "completed": True}
    make_task(alice, "wanted", **wanted)
    unwanted: dict[str, Any] = {"priority": Priority.LOW, "due_at": None, "tags": [], "completed": False}
    for name, other in unwanted.items():
        make_task(alice, f"wanted but {name}", **{**wanted, name: other})
    query = (
        "completed=true&status=completed&priority=high&tag=home&due_after=2026-01-14T12:00:00Z"
        "&due_before=2026-01-15T00:00:00Z&updated_since=2026-01-01T00:00:00Z&search=wanted&ordering=title&limit=5"
    )

    assert found(alice, query) == {"wanted"}


def test_another_users_tasks_are_in_no_list(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(bob, "his", priority=Priority.HIGH, due_at=NOON, tags=["home"], completed=True)

    for query in ("completed=true", "priority=high", "tag=home", "due_after=2026-01-01T00:00:00Z", "search=his"):
        assert found(alice, query) == set()
        assert found(bob, query) == {"his"}
        assert bob.get(f"{alice.tasks}?{query}").is_problem(403)


def test_pages_of_a_filtered_list_join_up(alice: Caller, make_task: MakeTask) -> None:
    for number in range(10):
        make_task(alice, str(number), completed=number % 2 == 0)

    first = alice.get(f"{alice.tasks}?completed=true&limit=3").json
    rest = alice.get(f"{alice.tasks}?status=completed&limit=3&cursor={first['meta']['next_cursor']}").json

    assert [task["title"] for task in first["data"] + rest["data"]] == ["8", "6", "4", "2", "0"]
    assert rest["meta"]["next_cursor"] is None


def test_unknown_parameters_are_ignored(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice, "x")

    assert found(alice, "page=2&_=1768384800") == {"x"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("completed", ["1", "yes", "null", "true&completed=false", "true&completed=true", "%00"]),
        ("status", ["done", "all,active", "%00", "all&status=all"]),
        ("priority", ["soon", "1", "low,high", "%00", "low&priority=high"]),
        ("due_after", ["today", "2026-01-14", "2026-01-14T12:00:00", "2026-01-14T12:00:00+02:00", "%00", "1"]),
        ("due_before", ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "2026-02-30T00:00:00Z"]),
        ("updated_since", ["yesterday", "2026-01-14T12:00:00", "%ff"]),
        ("ordering", ["", "-", "id", "user_id", "--title", "+title", "title,id", "Title", "title%20desc", "%00"]),
        ("search", ["a%00b", "a&search=b", "+".join(map(str, range(21)))]),
        ("limit", ["5&limit=5"]),
        ("cursor", ["x&cursor=y"]),
    ],
)
def test_a_value_that_makes_no_sense_is_422_and_named(alice: Caller, name: str, values: list[str]) -> None:
    for value in values:
        answer = alice.get(f"{alice.tasks}?{name}={value}")

        assert answer.is_problem(422, "invalid"), value
        assert [error["field"] for error in answer.json["errors"]] == [name], value


def test_the_document_names_every_parameter(anonymous: Caller) -> None:
    operation = anonymous.get("/openapi.json").json["paths"]["/api/{user_id}/tasks"]["get"]

    assert {parameter["name"] for parameter in operation["parameters"]} == {
        "user_id", "limit", "cursor", "completed", "status", "priority", "tag", "due_after", "due_before",
        "updated_since", "search", "ordering", "skip",
    }  # fmt: skip


def test_what_finds_the_same_is_the_same_list_to_a_cursor() -> None:
    # Of sets of eight words two processes would hardly ever make the same order.
    sent = "search=h+g+f+e+d+c+b+a+A&tag=two&tag=one&tag=TWO"
    again = "tag=One&tag=two&search=a+b+c+d+e+f+g+H"

    assert repr(read_selection(QueryDict(sent))) == repr(read_selection(QueryDict(again)))
    assert read_selection(QueryDict(sent)).words == ("a", "b", "c", "d", "e", "f", "g", "h")
