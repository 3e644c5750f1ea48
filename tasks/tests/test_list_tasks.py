import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tasks.models import Task
from testing.callers import Answer, Caller

MakeTask = Callable[..., Task]


def ids(answer: Answer) -> list[str]:
    return [task["id"] for task in answer.json["data"]]


def next_link(answer: Answer) -> str:
    match = re.fullmatch(r'<http://testserver(.*)>; rel="next"', answer.headers["Link"])
    assert match
    return match[1]


def test_the_owner_sees_their_tasks_newest_first(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    made = [make_task(alice, title) for title in ("first", "second", "third")]
    make_task(bob, "not hers")

    answer = alice.get(alice.tasks)

    assert answer.status == 200
    assert ids(answer) == [str(task.id) for task in reversed(made)]
    assert set(answer.json) == {"data", "meta"}
    assert set(answer.json["meta"]) == {"timestamp", "count", "next_cursor", "version"}
    assert answer.json["meta"]["count"] == 3
    assert answer.json["meta"]["next_cursor"] is None
    assert datetime.fromisoformat(answer.json["meta"]["timestamp"])
    assert answer.json["meta"]["timestamp"].endswith("Z")
    assert "Link" not in answer.headers


def test_another_user_is_refused(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(alice)

    answer = bob.get(alice.tasks)

    assert answer.is_problem(403, "forbidden")
    assert b"groceries" not in answer.content


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert anonymous.get(alice.tasks).is_problem(401, "not_authenticated")


def test_an_empty_list_is_a_list(alice: Caller) -> None:
    assert alice.get(alice.tasks).json["data"] == []


def test_bare_arrays_where_the_setting_says_so(alice: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.LIST_ENVELOPE = False
    made = [make_task(alice) for _ in range(3)]

    answer = alice.get(f"{alice.tasks}?limit=2")

    assert [task["id"] for task in answer.json] == [str(task.id) for task in reversed(made[1:])]
    assert answer.headers["X-Count"] == "2"
    rest = alice.get(f"{alice.tasks}?limit=2&cursor={answer.headers['X-Next-Cursor']}")
    assert [task["id"] for task in rest.json] == [str(made[0].id)]
    assert "X-Next-Cursor" not in rest.headers
    assert alice.get(next_link(answer)).content == rest.content


@pytest.mark.parametrize(
    ("made", "limit", "sizes"), [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (3, 1000, [3]), (2, 1, [1, 1])]
)
def test_pages_join_up(alice: Caller, make_task: MakeTask, made: int, limit: int, sizes: list[int]) -> None:
    everything = [str(make_task(alice).id) for _ in range(made)][::-1]
    path, seen, found = f"{alice.tasks}?limit={limit}", list[str](), []

    while True:
        answer = alice.get(path)
        found.append(len(ids(answer)))
        seen += ids(answer)
        if answer.json["meta"]["next_cursor"] is None:
            break
        path = next_link(answer)

    assert seen == everything
    assert found == sizes


def test_without_limit_page_size_come_at_once(alice: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.PAGE_SIZE = 3
    for _ in range(4):
        make_task(alice)

    answer = alice.get(alice.tasks)

    assert answer.json["meta"]["count"] == 3
    assert len(ids(alice.get(next_link(answer)))) == 1


@pytest.mark.parametrize("limit", ["1", "1000", "0001"])
def test_limits_in_range(alice: Caller, limit: str) -> None:
    assert alice.get(f"{alice.tasks}?limit={limit}").status == 200


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "", "ten", "1.5", "1e2", "9" * 5000, "%00", "%D9%A1", " 5", "+5"])
def test_a_limit_that_makes_no_sense_is_422_and_named(alice: Caller, limit: str) -> None:
    answer = alice.get(f"{alice.tasks}?limit={limit}")

    assert answer.is_problem(422, "invalid")
    assert answer.json["errors"][0]["field"] == "limit"


@pytest.mark.parametrize("cursor", ["", "x", "%00", "a:b", "0197a3f05f6e7c319f0e2b1c8f0a4d11", "%ff" * 500])
def test_a_made_up_cursor_is_422(alice: Caller, cursor: str) -> None:
    answer = alice.get(f"{alice.tasks}?cursor={cursor}")

    assert answer.is_problem(422, "invalid")
    assert answer.json["errors"] == [
        {"field": "cursor", "detail": "The cursor is not one of this list.", "code": "invalid_cursor"}
    ]


def test_a_cursor_does_not_fit_another_users_list(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    for _ in range(2):
        make_task(alice)
    cursor = alice.get(f"{alice.tasks}?limit=1").json["meta"]["next_cursor"]

    assert bob.get(f"{bob.tasks}?cursor={cursor}").is_problem(422)


def test_a_tampered_cursor_is_422(alice: Caller, make_task: MakeTask) -> None:
    for _ in range(2):
        make_task(alice)
    cursor = alice.get(f"{alice.tasks}?limit=1").json["meta"]["next_cursor"]
    other = ("b" if cursor[0] == "a" else "a") + cursor[1:]

    assert alice.get(f"{alice.tasks}?cursor={other}").is_problem(422)


def test_the_queries_do_not_grow_with_the_list(alice: Caller, make_task: MakeTask) -> None:
    counts = []
    for more in (3, 30):
        for _ in range(more):
            make_task(alice)
        with CaptureQueriesContext(connection) as queries:
            alice.get(alice.tasks)
        counts.append(len(queries))

    assert counts[0] == counts[1]
