"""``MAX_TASKS``: exact whatever is written at once, by whichever door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import User
from accounts.services import delete_account
from core import quotas
from tasks.models import Task, TrashedTask
from testing.callers import CLIENT, Answer, Caller, in_parallel

pytestmark = pytest.mark.django_db

MakeTask = Callable[..., Task]


@pytest.fixture(autouse=True)
def _cap(settings: Settings) -> None:
    settings.MAX_TASKS = 5


def create(caller: Caller, count: int) -> list[Answer]:
    return [caller.post(caller.tasks, {"title": f"Task {number}"}) for number in range(count)]


def bulk(caller: Caller, *operations: dict[str, Any], atomic: bool = True) -> Answer:
    return caller.post(f"{caller.tasks}/bulk", {"operations": [*operations], "atomic": atomic})


def count(caller: Caller) -> int:
    return Task.objects.filter(user_id=caller.id).count()


def used(caller: Caller) -> int:
    return int(caller.get("/api/auth/me").json["usage"]["tasks"]["used"])


NEW: dict[str, Any] = {"op": "create", "data": {"title": "New"}}


def test_one_more_is_409_and_is_not_stored(alice: Caller, bob: Caller) -> None:
    assert [answer.status for answer in create(alice, 5)] == [201] * 5

    refused = create(alice, 1)[0]

    assert refused.is_problem(409, "quota_exceeded")
    assert "5 tasks" in refused.json["detail"]
    assert (count(alice), used(alice)) == (5, 5)
    assert create(bob, 1)[0].status == 201


@pytest.mark.parametrize("days", [0, 30])
def test_a_deletion_makes_room(alice: Caller, settings: Settings, days: int) -> None:
    settings.TRASH_DAYS = days
    first = create(alice, 5)[0].json["id"]

    assert alice.delete(f"{alice.tasks}/{first}").status == 204
    assert alice.delete(f"{alice.tasks}/{first}").status == 404

    # What is in the trash counts, and goes when its place is wanted.
    assert used(alice) == (5 if days else 4)
    assert [answer.status for answer in create(alice, 2)] == [201, 409]
    assert (count(alice), used(alice)) == (5, 5)


def test_the_oldest_of_the_trash_go_first(alice: Caller) -> None:
    ids = [answer.json["id"] for answer in create(alice, 5)]
    for place in (3, 0, 1):
        alice.delete(f"{alice.tasks}/{ids[place]}")

    assert bulk(alice, NEW, NEW).status == 200
    assert {str(task.id) for task in TrashedTask.objects.filter(user_id=alice.id)} == {ids[1]}
    assert bulk(alice, NEW, NEW).is_problem(409, "quota_exceeded")
    assert {str(task.id) for task in TrashedTask.objects.filter(user_id=alice.id)} == {ids[1]}
    results = bulk(alice, NEW, NEW, atomic=False).json["results"]
    assert [result["status"] for result in results] == [201, 409]
    assert (count(alice), used(alice)) == (5, 5)


def test_for_good_makes_room_from_the_trash_too(alice: Caller) -> None:
    first, second = (answer.json["id"] for answer in create(alice, 2))
    alice.delete(f"{alice.tasks}/{first}")

    assert alice.delete(f"{alice.tasks}/{first}?permanent=true").status == 204
    assert used(alice) == 1
    assert alice.delete(f"{alice.tasks}/{second}?permanent=true").status == 204
    assert used(alice) == 0
    assert alice.delete(f"{alice.tasks}/{second}?permanent=true").status == 404


def test_zero_is_no_cap(alice: Caller, settings: Settings) -> None:
    settings.MAX_TASKS = 0

    assert {answer.status for answer in create(alice, 7)} == {201}
    assert alice.get("/api/auth/me").json["usage"]["tasks"] == {"used": 7, "limit": None}


def test_a_change_is_none_the_less_possible_at_the_cap(alice: Caller) -> None:
    first = create(alice, 5)[0].json["id"]

    assert alice.patch(f"{alice.tasks}/{first}", {"title": "Changed"}).status == 200
    assert used(alice) == 5


def test_a_bulk_that_does_not_fit_makes_nothing(alice: Caller) -> None:
    create(alice, 3)

    assert bulk(alice, NEW, NEW, NEW).is_problem(409, "quota_exceeded")
    assert (count(alice), used(alice)) == (3, 3)
    assert bulk(alice, NEW, NEW).status == 200
    assert (count(alice), used(alice)) == (5, 5)


def test_a_bulk_may_fill_the_room_that_it_makes(alice: Caller) -> None:
    ids = [answer.json["id"] for answer in create(alice, 5)]

    assert bulk(alice, NEW, NEW, {"op": "delete", "id": ids[0]}, {"op": "delete", "id": ids[1]}).status == 200
    assert (count(alice), used(alice)) == (5, 5)


def test_each_on_its_own_the_first_fill_what_is_left(alice: Caller) -> None:
    create(alice, 3)

    results = bulk(alice, NEW, NEW, NEW, NEW, atomic=False).json["results"]

    assert [result["status"] for result in results] == [201, 201, 409, 409]
    assert results[2]["problem"]["code"] == "quota_exceeded"
    assert (count(alice), used(alice)) == (5, 5)


def test_a_key_whose_request_was_refused_may_come_again(alice: Caller) -> None:
    first = create(alice, 5)[0].json["id"]

    def send() -> Answer:
        return alice.post(alice.tasks, {"title": "Once"}, Idempotency_Key="a")

    assert send().is_problem(409, "quota_exceeded")
    alice.delete(f"{alice.tasks}/{first}")
    assert send().status == 201
    assert used(alice) == 5


def test_the_chat_is_told(alice: Caller) -> None:
    create(alice, 5)

    answer = alice.post(f"/api/{alice.id}/chat", {"message": "Add task: Buy milk"})

    assert answer.status == 200
    assert answer.json["tool_calls"][0]["result"]["error"]["code"] == "quota_exceeded"
    assert count(alice) == 5


def test_staff_who_delete_make_room(alice: Caller, admin: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.TRASH_DAYS = 0
    _, *others = (make_task(alice) for _ in range(4))
    pages: Any = site.get_model_admin(Task)
    request = RequestFactory().post("/admin/")
    request.user = admin.user

    for task in others:
        pages.delete_model(request, task)

    assert (count(alice), used(alice)) == (1, 1)


def test_who_comes_again_after_a_deletion_begins_at_none(alice: Caller, make_user: Callable[..., User]) -> None:
    create(alice, 5)
    delete_account(alice.user, client=CLIENT)

    again = Caller(make_user("again@example.com", id=alice.id))

    assert used(again) == 0
    assert create(again, 1)[0].status == 201


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 2])
def test_of_many_at_once_exactly_as_many_as_there_is_room_for(alice: Caller, size: int) -> None:
    def send() -> int:
        return bulk(alice, *[NEW] * size).status if size > 1 else create(alice, 1)[0].status

    statuses = in_parallel([send] * 8)

    fitting = 5 // size
    assert sorted(statuses) == [201 if size == 1 else 200] * fitting + [409] * (8 - fitting)
    assert count(alice) == used(alice) == fitting * size


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_creations_and_deletions_at_once_leave_the_count_right(alice: Caller) -> None:
    ids = [answer.json["id"] for answer in create(alice, 4)]
    calls = [
        *[lambda: create(alice, 1)[0].status] * 4,
        *[lambda i=i: alice.delete(f"{alice.tasks}/{i}").status for i in ids],
    ]

    statuses = in_parallel(calls)

    assert set(statuses) <= {201, 204, 409}
    assert count(alice) == statuses.count(201)
    assert used(alice) == count(alice) + TrashedTask.objects.filter(user_id=alice.id).count()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_deleted_meanwhile_leaves_nothing(alice: Caller) -> None:
    create(alice, 1)

    def delete() -> int:
        delete_account(alice.user, client=CLIENT)
        return 204

    statuses = in_parallel([*[lambda: create(alice, 1)[0].status] * 3, delete])

    assert statuses[-1] == 204
    assert set(statuses[:-1]) <= {201, 401}
    assert (count(alice), quotas.used(alice.id)) == (0, {})
