"""What other clients call the parameters of a list, and their values."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from tasks.models import Priority, Task
from testing.callers import Answer, Caller

MakeTask = Callable[..., Task]
DAY: Final = datetime(2026, 1, 14, tzinfo=UTC)


def found(answer: Answer) -> list[str]:
    return [task["title"] for task in answer.json["data"]]


@pytest.fixture
def made(alice: Caller, make_task: MakeTask) -> None:
    """Six tasks that every order sorts differently."""
    for number, title in enumerate(["c", "a", "f", "b", "e", "d"]):
        make_task(
            alice,
            title,
            completed=number % 2 == 0,
            priority=list(Priority)[number % 3],
            due_at=None if number == 5 else DAY + timedelta(days=(number * 7) % 5),
            tags=["home", "all"] if number < 2 else [],
        )
    Task.objects.filter(user_id=alice.id, title="a").update(updated_at=DAY)


# As an old client asks -> as a new one asks for the same.
FILTERS: Final = {
    "status=": "",
    "status=all": "",
    "status=All": "",
    "status=Pending": "status=pending",
    "status=COMPLETED": "status=completed",
    "status_filter=completed": "status=completed",
    "status_filter=Active": "status=active",
    "status_filter=all": "",
    "status=completed&status_filter=": "status=completed",
    "status=completed&status_filter=Completed": "status=completed",
    "completed=": "",
    "completed=all": "",
    "completed=True": "completed=true",
    "completed=FALSE": "completed=false",
    "priority=": "",
    "priority=all": "",
    "priority=High": "priority=high",
    "priority=urgent": "priority=high",
    "priority=CRITICAL": "priority=high",
    "priority=none": "priority=medium",
    "priority=normal": "priority=medium",
    "tags=home": "tag=home",
    "tags=home&tags=all": "tag=home&tag=all",
    "tag=home&tags=home": "tag=home",
    "tag=": "",
    "tag=all": "",
    "due_after=&due_before=&updated_since=": "",
    "due_before=all": "",
    "search=": "",
    "search=all": "search=all",
    "priority=&status=all&completed=&search=&tags=": "",
}
SORTS: Final = {
    "sort_by=title": "ordering=title",
    "sort=title": "ordering=title",
    "sort_by=title&order=asc": "ordering=title",
    "sort_by=title&order=DESC": "ordering=-title",
    "sort=title&sort_order=desc": "ordering=-title",
    "sort_by=priority&order=desc": "ordering=-priority",
    "sort_by=due_date": "ordering=due_at",
    "sort_by=dueDate&order=desc": "ordering=-due_at",
    "sort_by=due_at": "ordering=due_at",
    "sort_by=updatedAt": "ordering=updated_at",
    "sort_by=updated_at&sort_order=Desc": "ordering=-updated_at",
    "sort_by=created_at": "ordering=-created_at",
    "sort_by=createdAt": "ordering=-created_at",
    "sort_by=created_at&order=asc": "ordering=created_at",
    "sort_by=status": "ordering=status",
    "sort_by=status&order=desc": "ordering=-status",
    "sort=created_newest": "ordering=-created_at",
    "sort=created_oldest": "ordering=created_at",
    "sort=due_date_soonest": "ordering=due_at",
    "sort=priority_high_low": "ordering=-priority",
    "sort=alphabetical_az": "ordering=title",
    "sort=alphabetical_az&order=asc": "ordering=title",
    "order=asc": "ordering=created_at",
    "order=desc": "",
    "sort_by=&order=": "",
    "sort_by=position": "",
    "sort_by=position&order=asc": "",
    "sort_by=title&sort=position": "ordering=title",
    "sort_by=due_date&sort=dueDate": "ordering=due_at",
    "ordering=title&sort_by=title": "ordering=title",
    "ordering=-title&order=desc": "ordering=-title",
}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("old", "new"), [*FILTERS.items(), *SORTS.items()])
def test_an_old_and_a_new_client_see_the_same_list(alice: Caller, admin: Caller, old: str, new: str) -> None:
    path = f"/api/admin/users/{alice.id}/tasks"

    assert found(alice.get(f"{alice.tasks}?{old}")) == found(alice.get(f"{alice.tasks}?{new}"))
    assert found(admin.get(f"{path}?{old}")) == found(admin.get(f"{path}?{new}"))


@pytest.mark.usefixtures("made")
def test_the_orders_are_the_ones_meant(alice: Caller) -> None:
    assert found(alice.get(f"{alice.tasks}?sort_by=title")) == list("abcdef")
    assert found(alice.get(f"{alice.tasks}?sort_by=status")) == list("abdcfe")
    assert found(alice.get(f"{alice.tasks}?sort_by=status&order=desc")) == list("efcdba")
    assert found(alice.get(f"{alice.tasks}?sort=created_newest")) == list("debfac")
    assert found(alice.get(f"{alice.tasks}?status=Pending")) == list("dba")


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
def test_a_walk_by_status_returns_each_task_once(alice: Caller, sign: str, limit: int) -> None:
    path, seen = f"{alice.tasks}?ordering={sign}status&limit={limit}", list[str]()
    while path:
        answer = alice.get(path)
        seen += found(answer)
        path = answer.headers.get("Link", "").removeprefix("<http://testserver").removesuffix('>; rel="next"')

    assert seen == found(alice.get(f"{alice.tasks}?ordering={sign}status"))
    assert sorted(seen) == list("abcdef")


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("name", ["skip", "offset"])
@pytest.mark.parametrize("order", ["", "ordering=title&", "ordering=due_at&", "ordering=-due_at&", "ordering=status&"])
@pytest.mark.parametrize(("skip", "limit"), [(0, 2), (1, 2), (2, 2), (4, 2), (5, 2), (6, 2), (10_000, 1)])
def test_so_many_are_passed_over(alice: Caller, name: str, order: str, skip: int, limit: int) -> None:
    whole = found(alice.get(f"{alice.tasks}?{order}"))

    answer = alice.get(f"{alice.tasks}?{order}{name}={skip}&limit={limit}")

    assert found(answer) == whole[skip : skip + limit]
    assert (answer.json["meta"]["next_cursor"] is not None) == (len(whole) > skip + limit)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("order", ["", "sort_by=due_date&", "sort_by=status&order=desc&"])
def test_the_link_goes_on_from_there(alice: Caller, order: str) -> None:
    whole = found(alice.get(f"{alice.tasks}?{order}"))
    path, seen = f"{alice.tasks}?{order}offset=1&limit=2", list[str]()

    while path:
        answer = alice.get(path)
        seen += found(answer)
        path = answer.headers.get("Link", "").removeprefix("<http://testserver").removesuffix('>; rel="next"')

    assert seen == whole[1:]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=completed&status_filter=pending", "status_filter"),
        ("status=all&status_filter=pending", "status_filter"),
        ("tag=home&tags=work", "tags"),
        ("status=soon", "status"),
        ("status_filter=soon", "status"),
        ("priority=soon", "priority"),
        ("tags=two%20words", "tag"),
        ("sort_by=title&order=up", "order"),
        ("sort_by=position&order=up", "order"),
        ("sort_by=title&order=asc&sort_order=desc", "sort_order"),
        ("sort_by=title&sort=priority", "sort"),
        ("sort_by=title&sort_by=title", "sort_by"),
        ("sort_by=title&ordering=priority", "sort_by"),
        ("ordering=title&order=desc", "order"),
        ("sort=created_newest&order=asc", "order"),
        ("ordering=position", "ordering"),
        ("skip=-1", "skip"),
        ("skip=10001", "skip"),
        ("offset=ten", "offset"),
        ("offset=%D9%A1", "offset"),
        ("skip=1&offset=2", "offset"),
        ("skip=1&skip=1", "skip"),
        ("skip=1&cursor=x", "skip"),
    ],
)
def test_what_contradicts_itself_or_makes_no_sense_is_422_and_named(alice: Caller, query: str, name: str) -> None:
    answer = alice.get(f"{alice.tasks}?{query}")

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [name]


def test_a_strange_parameter_is_no_excuse(alice: Caller, bob: Caller, anonymous: Caller) -> None:
    assert bob.get(f"{alice.tasks}?skip=-1").is_problem(403)
    assert anonymous.get(f"{alice.tasks}?skip=-1").is_problem(401)
