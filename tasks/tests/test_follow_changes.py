"""``GET /api/{user_id}/changes``: behind a list it loses nothing and tells nothing twice."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from core.limits.allowances import Rate
from core.models import Usage
from tasks import entries
from tasks.journal.changes import read_changes
from tasks.lists import arrays
from tasks.models import Entry, Task
from tasks.representation import INSTANT_OR_NULL
from testing.callers import Answer, Caller, in_parallel
from testing.databases import wait_for_waiters
from testing.service import START_SECONDS

pytestmark = pytest.mark.django_db
MakeTask = Callable[..., Task]


def changes(caller: Caller, since: int, **query: Any) -> Answer:
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    return caller.get(f"/api/{caller.id}/changes?since={since}{asked}")


def version(caller: Caller) -> int:
    return int(caller.get(f"{caller.tasks}?limit=1").json["meta"]["version"])


def test_the_owner_reads_what_changed_since_the_list(alice: Caller, make_task: MakeTask) -> None:
    milk, bread, eggs = (make_task(alice, title) for title in ("Milk", "Bread", "Eggs"))
    seen = alice.get(alice.tasks).json["meta"]["version"]
    toggled = alice.patch(f"{alice.tasks}/{bread.id}/toggle").json
    alice.patch(f"{alice.tasks}/{milk.id}", {"title": "Oat milk"})
    renamed = alice.patch(f"{alice.tasks}/{milk.id}", {"title": "Soy milk"}).json
    alice.delete(f"{alice.tasks}/{eggs.id}")

    answer = changes(alice, seen)

    assert answer.status == 200
    assert answer.json == {
        "data": [
            {"version": seen + 1, "id": str(bread.id), "task": toggled},
            {"version": seen + 3, "id": str(milk.id), "task": renamed},
            {"version": seen + 4, "id": str(eggs.id), "task": None},
        ],
        "meta": {"next": seen + 4, "more": False},
    }
    assert changes(alice, seen + 4).json == {"data": [], "meta": {"next": seen + 4, "more": False}}


# What clients may be shown besides, last in the order of a task's columns.
ADDED = (("due", "due_at", INSTANT_OR_NULL),)


def test_a_task_whose_last_field_is_empty_is_told(alice: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.ADDED_TASK_FIELDS = f"{__name__}.ADDED"
    make_task(alice, "Milk")

    told = changes(alice, 0).json["data"][0]["task"]

    assert (told["title"], told["due"]) == ("Milk", None)


def test_another_user_and_nobody_read_nothing(alice: Caller, bob: Caller, anonymous: Caller) -> None:
    assert bob.get(f"/api/{alice.id}/changes?since=0").is_problem(403, "forbidden")
    assert anonymous.get(f"/api/{alice.id}/changes?since=0").is_problem(401)


def test_each_has_numbers_of_their_own(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(bob)
    make_task(bob)
    make_task(alice)

    assert (version(alice), version(bob)) == (1, 2)
    assert [change["version"] for change in changes(alice, 0).json["data"]] == [1]


def test_before_the_first_change_there_is_none(alice: Caller) -> None:
    assert version(alice) == 0
    assert changes(alice, 0).json == {"data": [], "meta": {"next": 0, "more": False}}


def test_no_number_is_spent_where_nothing_changes(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, "Milk", completed=True)
    path = f"{alice.tasks}/{task.id}"

    assert alice.patch(path, {"title": "Milk"}).status == 200
    assert alice.patch(path, {}).status == 200
    assert alice.patch(f"{path}/complete", {"completed": True}).status == 200
    assert alice.patch(path, {"title": "Bread"}, If_Match='"9"').status == 412
    assert alice.delete(path, If_Match='"9"').status == 412
    assert alice.patch(f"{alice.tasks}/{alice.id}/toggle").status == 404
    assert alice.post(alice.tasks, {"title": ""}).status == 422
    bulk = [{"op": "complete", "id": str(task.id)}, {"op": "delete", "id": alice.id}]
    assert alice.post(f"{alice.tasks}/bulk", {"operations": bulk}).status == 422
    assert alice.post(f"{alice.tasks}/bulk", {"operations": bulk, "atomic": False}).status == 200

    assert version(alice) == 1
    assert Entry.objects.filter(user_id=alice.id).count() == 1


@pytest.mark.parametrize("since", ["7", "99999999999999999999999999", "8"])
def test_a_number_that_was_never_given_is_410(alice: Caller, make_task: MakeTask, since: str) -> None:
    make_task(alice)

    refused = alice.get(f"/api/{alice.id}/changes?since={since}")

    assert refused.is_problem(410, "changes_expired")
    assert "list again" in refused.json["detail"]


def test_a_number_that_the_journal_no_longer_reaches_is_410(alice: Caller, make_task: MakeTask) -> None:
    for _ in range(4):
        make_task(alice)
    Entry.objects.filter(user_id=alice.id, version__lte=2).delete()

    assert changes(alice, 1).is_problem(410, "changes_expired")
    assert [change["version"] for change in changes(alice, 2).json["data"]] == [3, 4]
    Entry.objects.filter(user_id=alice.id).delete()
    assert changes(alice, 3).is_problem(410, "changes_expired")
    assert changes(alice, 4).json == {"data": [], "meta": {"next": 4, "more": False}}


def test_what_was_there_before_the_journal_is_to_be_listed_first(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice)
    Entry.objects.filter(user_id=alice.id).delete()
    Usage.objects.filter(user_id=alice.id, kind="tasks").update(version=1)

    assert changes(alice, 0).is_problem(410, "changes_expired")
    assert changes(alice, version(alice)).status == 200


def test_entries_beyond_the_cap_are_told_no_more(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.journal.changes.MAX_ENTRIES", 2)
    for _ in range(4):
        make_task(alice)

    assert changes(alice, 1).is_problem(410, "changes_expired")
    assert len(changes(alice, 2).json["data"]) == 2


@pytest.mark.parametrize("query", ["", "since=", "since=-1", "since=x", "since=1.5", "since=1&since=1"])
def test_a_number_that_is_none_is_422(alice: Caller, query: str) -> None:
    refused = alice.get(f"/api/{alice.id}/changes?{query}")

    assert refused.is_problem(422)
    assert refused.json["errors"][0]["field"] == "since"


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_limit_that_is_none_is_422(alice: Caller, limit: str) -> None:
    assert changes(alice, 0, limit=limit).is_problem(422)


def test_pages_follow_each_other(alice: Caller, make_task: MakeTask) -> None:
    made = [str(make_task(alice, f"{number}").id) for number in range(5)]
    alice.patch(f"{alice.tasks}/{made[0]}/toggle")
    told: list[str] = []
    meta = {"next": 0, "more": True}
    while meta["more"]:
        page = changes(alice, meta["next"], limit=2)
        told += [change["id"] for change in page.json["data"]]
        meta = page.json["meta"]

    assert told == [*made[1:], made[0]]
    assert meta["next"] == 6


@pytest.mark.parametrize(("spare", "told"), [(0, [1, 2]), (-1, [1])])
def test_a_page_ends_at_its_bytes_too(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, spare: int, told: list[int]
) -> None:
    for number in range(3):
        make_task(alice, f"{number}")
    # Each with the comma or bracket behind it.
    two = len(read_changes(alice.id, 0, 2).json) - 1
    monkeypatch.setattr(arrays, "MAX_BYTES", two + spare)

    page = changes(alice, 0)

    assert [change["version"] for change in page.json["data"]] == told
    assert page.json["meta"] == {"next": told[-1], "more": True}


def test_a_bulk_gives_each_of_its_tasks_a_number(alice: Caller, make_task: MakeTask) -> None:
    done, gone, kept = (make_task(alice, title) for title in ("Done", "Gone", "Kept"))
    operations = [
        {"op": "create", "data": {"title": "New"}},
        {"op": "complete", "id": str(done.id)},
        {"op": "reopen", "id": str(kept.id)},
        {"op": "delete", "id": str(gone.id)},
        {"op": "create", "data": {"title": "Newer"}},
    ]
    made = alice.post(f"{alice.tasks}/bulk", {"operations": operations}).json["results"]

    told = {change["id"]: change["task"] for change in changes(alice, 3).json["data"]}

    assert told == {
        made[0]["task"]["id"]: made[0]["task"],
        str(done.id): made[1]["task"],
        str(gone.id): None,
        made[4]["task"]["id"]: made[4]["task"],
    }
    assert version(alice) == 7
    entry = Entry.objects.filter(user_id=alice.id, version=7).get()
    assert entry.get_via_display() == "bulk"


def test_every_shape_of_list_tells_its_version(alice: Caller, make_task: MakeTask, settings: Settings) -> None:
    make_task(alice)
    for shape in (False, "tasks", "data.tasks"):
        settings.LIST_ENVELOPE = shape
        assert alice.get(alice.tasks).headers["X-Version"] == "1"
    settings.LIST_ENVELOPE = True
    assert "X-Version" not in alice.get(alice.tasks).headers
    assert alice.get(f"{alice.tasks}?search=nothing&ordering=due_at").json["meta"]["version"] == 1
    assert alice.get("/api/tasks").json["meta"]["version"] == 1


def test_a_later_change_is_never_earlier(alice: Caller, make_task: MakeTask) -> None:
    """A clock that went back, or another machine's that is behind."""
    task = make_task(alice)
    ahead = task.updated_at.replace(year=task.updated_at.year + 1)
    Usage.objects.filter(user_id=alice.id, kind="tasks").update(changed_at=ahead)

    alice.patch(f"{alice.tasks}/{task.id}/toggle")
    made = alice.post(alice.tasks, {"title": "Later"})
    alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "complete", "id": made.json["id"]}]})

    for found in Task.objects.filter(user_id=alice.id):
        assert found.updated_at == ahead
        assert found.completed_at == ahead


def test_it_costs_as_many_queries_for_ten_times_as_many(alice: Caller, make_task: MakeTask) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert changes(alice, 0).status == 200
        return len(captured)

    make_task(alice)
    few = queries()
    for _ in range(10):
        make_task(alice)
    assert queries() == few


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_reader_beside_many_writers_loses_and_doubles_nothing(
    alice: Caller, make_task: MakeTask, settings: Settings
) -> None:
    settings.API_RATE_LIMIT = Rate(100_000, 60)
    tasks = [make_task(alice, f"{number}") for number in range(4)]
    start = alice.get(alice.tasks).json
    replica = {task["id"]: task for task in start["data"]}
    is_over = threading.Event()
    told: list[int] = []

    def write(number: int) -> int:
        for turn in range(12):
            task = tasks[(number + turn) % 4]
            statuses = [
                alice.patch(f"{alice.tasks}/{task.id}/toggle").status,
                alice.patch(f"{alice.tasks}/{task.id}", {"title": f"{number} {turn}", "tags": [f"{turn}"]}).status,
                alice.post(alice.tasks, {"title": f"New {number} {turn}"}).status,
            ]
            operations = [{"op": "complete", "id": str(each.id)} for each in tasks]
            statuses.append(alice.post(f"{alice.tasks}/bulk", {"operations": operations}).status)
            assert statuses == [200, 200, 201, 200], statuses
        return 0

    def follow() -> int:
        since = start["meta"]["version"]
        is_last = False
        while not is_last:
            is_last = is_over.is_set()
            page = changes(alice, since, limit=7).json
            for change in page["data"]:
                told.append(change["version"])
                replica[change["id"]] = change["task"]
            since = page["meta"]["next"]
            is_last = is_last and not page["meta"]["more"]
        return int(since)

    def write_all() -> int:
        try:
            in_parallel([partial(write, number) for number in range(6)])
        finally:
            is_over.set()
        return 0

    _, last = in_parallel([write_all, follow])

    assert told == sorted(set(told))
    now = alice.get(alice.tasks).json
    assert last == now["meta"]["version"]
    assert replica == {task["id"]: task for task in now["data"]}
    numbers = list(Entry.objects.filter(user_id=alice.id).order_by("version").values_list("version", "at"))
    assert [number for number, _ in numbers] == list(range(1, last + 1))
    assert [at for _, at in numbers] == sorted(at for _, at in numbers)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_outrun_is_done_once_more(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    statuses = in_parallel([lambda: alice.patch(f"{alice.tasks}/{task.id}/toggle").status] * 8)

    assert statuses == [200] * 8
    found = Task.objects.get(user_id=alice.id, id=task.id)
    assert (found.version, found.completed) == (9, False)
    assert [entry.version for entry in Entry.objects.filter(user_id=alice.id).order_by("version")] == [*range(1, 10)]
    told = [entry.changes["completed_at"] for entry in Entry.objects.filter(user_id=alice.id, version__gt=1)]
    assert all((before is None) != (after is None) for before, after in told)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_change_that_lost_its_snapshot_changes_nothing(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the loser's statement to stand, its number would be spent on nothing."""
    task = make_task(alice)
    outrun: list[bool] = []
    may_begin = threading.Event()

    def note(error: IntegrityError) -> bool:
        outrun.append(entries.is_outrun(error))
        return outrun[-1]

    monkeypatch.setattr("tasks.statements.is_outrun", note)

    def toggle() -> int:
        return alice.patch(f"{alice.tasks}/{task.id}/toggle").status

    def outrun_another() -> int:
        with transaction.atomic():
            status = toggle()
            may_begin.set()
            # It has its snapshot, and waits for the lock.
            wait_for_waiters(1)
        return status

    def be_outrun() -> int:
        assert may_begin.wait(START_SECONDS)
        return toggle()

    assert in_parallel([outrun_another, be_outrun]) == [200, 200]
    assert outrun == [True]
    assert Task.objects.get(user_id=alice.id, id=task.id).version == version(alice)
