from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


def path(who: Caller) -> str:
    return f"/api/admin/users/{who.id}/tasks"


def test_an_admin_sees_what_the_owner_sees(admin: Caller, alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    for title in ("first", "second"):
        make_task(alice, title, completed=title == "first")
    make_task(bob, "not hers")
    make_task(admin, "not hers either")

    answer = admin.get(path(alice))

    assert answer.status == 200
    assert [task["title"] for task in answer.json["data"]] == ["second", "first"]
    assert answer.json["data"] == alice.get(alice.tasks).json["data"]
    assert set(answer.json["meta"]) == {"timestamp", "count", "next_cursor", "version"}


def test_another_user_is_refused(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(alice)

    for caller in (bob, alice):
        answer = caller.get(path(alice))
        assert answer.is_problem(403, "forbidden")
        assert b"groceries" not in answer.content


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert anonymous.get(path(alice)).is_problem(401)


@pytest.mark.parametrize("user_id", ["nobody", "%00", "x" * 200])
def test_an_unknown_user_is_404(admin: Caller, user_id: str) -> None:
    assert admin.get(f"/api/admin/users/{user_id}/tasks").is_problem(404, "user_not_found")


def test_the_role_opens_no_other_path_to_a_users_tasks(admin: Caller, alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert admin.get(alice.tasks).is_problem(403)
    assert admin.delete(f"{alice.tasks}/{task.id}").is_problem(403)
    assert admin.post(path(alice), {"title": "x"}).is_problem(405)
    assert admin.get(f"{path(alice)}/{task.id}").is_problem(405)


@pytest.mark.parametrize("user_id", ["auth0|1", "a.b_c|d@e:f+g=h~i-j", "tasks|1", "Users"])
def test_any_user_id_fits_the_path(
    admin: Caller, make_user: Callable[..., User], make_task: MakeTask, user_id: str
) -> None:
    owner = Caller(make_user("", id=user_id, issuer="https://issuer.example.com"))
    made = [str(make_task(owner).id) for _ in range(2)]

    first = admin.get(f"{path(owner)}?limit=1")
    link = first.headers["Link"].removeprefix("<http://testserver").removesuffix('>; rel="next"')

    assert [task["id"] for task in first.json["data"] + admin.get(link).json["data"]] == made[::-1]


def test_a_cursor_does_not_fit_another_users_list(
    admin: Caller, alice: Caller, bob: Caller, make_task: MakeTask
) -> None:
    for owner in (alice, alice, bob, bob):
        make_task(owner)
    cursor = admin.get(f"{path(alice)}?limit=1").json["meta"]["next_cursor"]

    assert admin.get(f"{path(alice)}?cursor={cursor}").json["meta"]["count"] == 1
    assert admin.get(f"{path(bob)}?cursor={cursor}").is_problem(422)


def test_filters_orders_and_cursors_are_those_of_the_owners_list(admin: Caller, alice: Caller, bob: Caller) -> None:
    for owner in (alice, bob):
        for title in ("b", "C", "a"):
            owner.post(owner.tasks, {"title": title, "tags": ["x"] if title != "b" else [], "priority": "high"})

    first = admin.get(f"{path(alice)}?tag=X&priority=high&ordering=title&limit=1")
    rest = admin.get(first.headers["Link"].removeprefix("<http://testserver").removesuffix('>; rel="next"'))

    assert [task["title"] for task in first.json["data"] + rest.json["data"]] == ["a", "C"]
    assert {task["user_id"] for task in first.json["data"] + rest.json["data"]} == {alice.id}
    cursor = first.json["meta"]["next_cursor"]
    assert admin.get(f"{path(alice)}?ordering=title&cursor={cursor}").is_problem(422)


@pytest.mark.parametrize("parameter", ["limit", "cursor", "completed", "due_after", "ordering"])
def test_a_value_that_makes_no_sense_is_422_and_named(admin: Caller, alice: Caller, parameter: str) -> None:
    answer = admin.get(f"{path(alice)}?{parameter}=x")

    assert answer.is_problem(422, "invalid")
    assert answer.json["errors"][0]["field"] == parameter


def test_bare_arrays_where_the_setting_says_so(
    admin: Caller, alice: Caller, make_task: MakeTask, settings: Settings
) -> None:
    settings.LIST_ENVELOPE = False
    task = make_task(alice)

    answer = admin.get(path(alice))

    assert [found["id"] for found in answer.json] == [str(task.id)]
    assert answer.headers["X-Count"] == "1"


def test_the_queries_do_not_grow_with_the_list(admin: Caller, alice: Caller, make_task: MakeTask) -> None:
    counts = []
    for more in (3, 30):
        for _ in range(more):
            make_task(alice)
        with CaptureQueriesContext(connection) as queries:
            admin.get(path(alice))
        counts.append(len(queries))

    assert counts[0] == counts[1]
