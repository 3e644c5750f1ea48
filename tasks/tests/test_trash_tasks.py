"""A deletion moves to the trash, and what is there is nowhere else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from pytest_django import Settings

from core import quotas
from tasks import pruning
from tasks.models import Entry, Kind, Task, TrashedTask
from testing.callers import Answer, Caller, in_parallel

pytestmark = pytest.mark.django_db
MakeTask = Callable[..., Task]


def trash(caller: Caller, query: str = "") -> Any:
    answer = caller.get(f"{caller.tasks}/trash{query}")
    assert answer.status == 200, answer
    return answer.json


def restore(caller: Caller, task_id: object, **headers: str) -> Answer:
    return caller.post(f"{caller.tasks}/{task_id}/restore", **headers)


def shown(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json.items() if name != "updated_at"}


@pytest.fixture
def deleted(alice: Caller, make_task: MakeTask) -> Task:
    task = make_task(
        alice, "Milk", description="Oat", tags=["a", "B"], priority=3, due_at=timezone.now(), completed=True
    )
    assert alice.delete(f"{alice.tasks}/{task.id}").status == 204
    return task


def test_the_owner_restores_a_task_with_all_it_was(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, "Milk", description="Oat", tags=["a", "B"], priority=3, due_at=timezone.now())
    path = f"{alice.tasks}/{task.id}"
    alice.patch(f"{path}/toggle")
    before = alice.get(path)

    assert alice.delete(path).status == 204
    answer = restore(alice, task.id)

    assert answer.status == 200
    assert shown(answer) == shown(before)
    assert answer.json["updated_at"] >= before.json["updated_at"]
    assert answer.headers["ETag"] not in ('"1"', before.headers["ETag"])
    assert alice.get(path).json == answer.json
    assert alice.get(f"{alice.tasks}?search=oat&tag=b&priority=high").json["data"] == [answer.json]
    assert trash(alice)["data"] == []


def test_another_user_and_nobody_reach_none(alice: Caller, bob: Caller, anonymous: Caller, deleted: Task) -> None:
    assert bob.get(f"{alice.tasks}/trash").is_problem(403)
    assert bob.post(f"{alice.tasks}/{deleted.id}/restore").is_problem(403)
    assert restore(bob, deleted.id).is_problem(404, "task_not_found")
    assert bob.delete(f"{bob.tasks}/{deleted.id}?permanent=true").is_problem(404, "task_not_found")
    assert anonymous.get(f"{alice.tasks}/trash").is_problem(401)
    assert trash(bob)["data"] == []
    assert TrashedTask.objects.filter(user_id=alice.id).count() == 1


def test_what_is_in_the_trash_is_nowhere_else(alice: Caller, admin: Caller, deleted: Task) -> None:
    path = f"{alice.tasks}/{deleted.id}"
    for answer in (
        alice.get(path),
        alice.patch(path, {"title": "x"}),
        alice.put(path, {"title": "x"}),
        alice.patch(f"{path}/toggle"),
        alice.patch(f"{path}/complete"),
        alice.delete(path),
        alice.get(f"{path}/history"),
        alice.get(f"/api/{alice.id}/{deleted.id}"),
    ):
        assert answer.is_problem(404, "task_not_found"), answer
    for query in ("", "?search=milk", "?completed=true", "?ordering=due_at", "?tag=a"):
        assert alice.get(f"{alice.tasks}{query}").json["data"] == []
    bulk = alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "reopen", "id": str(deleted.id)}]})
    assert bulk.is_problem(422)
    chat = alice.post(f"/api/{alice.id}/chat", {"message": "show all tasks"})
    assert "Milk" not in chat.json["response"]
    users = admin.get(f"/api/admin/users/{alice.id}").json
    assert (users["task_count"], users["completed_task_count"]) == (0, 0)
    assert admin.get(f"/api/admin/users/{alice.id}/tasks").json["data"] == []


@pytest.mark.parametrize("shape", [True, False, "tasks", "data.tasks"])
def test_the_trash_has_the_shape_of_lists(alice: Caller, deleted: Task, settings: Settings, shape: Any) -> None:
    settings.LIST_ENVELOPE = shape

    answer = trash(alice)

    found = answer["data"] if shape is True else answer if not shape else (answer.get("data") or answer)["tasks"]
    [task] = found
    assert (task["id"], task["title"], task["completed"]) == (str(deleted.id), "Milk", True)
    assert task["deleted_at"].endswith("Z")
    if shape == "tasks":
        assert (answer["total"], answer["completed_count"]) == (1, 1)


def test_the_last_deleted_comes_first_page_by_page(alice: Caller, make_task: MakeTask) -> None:
    made = [str(make_task(alice, f"{number}").id) for number in range(5)]
    order = [made[place] for place in (2, 0, 4, 1, 3)]
    for task_id in order[:3]:
        alice.delete(f"{alice.tasks}/{task_id}")
    alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "delete", "id": task_id} for task_id in order[3:]]})

    told, cursor = [], ""
    while True:
        page = trash(alice, f"?limit=2{cursor}")
        told += [task["id"] for task in page["data"]]
        if not page["meta"]["next_cursor"]:
            break
        cursor = f"&cursor={page['meta']['next_cursor']}"

    assert told[2:] == order[2::-1]
    assert set(told[:2]) == set(order[3:])
    listed = alice.get(f"{alice.tasks}/trash?limit=2").json["meta"]["next_cursor"]
    assert alice.get(f"{alice.tasks}?cursor={listed}").is_problem(422)


def test_the_same_below_the_callers_own_path(alice: Caller, deleted: Task) -> None:
    assert [task["id"] for task in alice.get("/api/tasks/trash").json["data"]] == [str(deleted.id)]
    assert alice.post(f"/api/tasks/{deleted.id}/restore").status == 200
    assert alice.get(f"/api/v1/users/{alice.id}/tasks/trash/").json["data"] == []


def test_a_restored_task_stays_as_it_is(alice: Caller, deleted: Task) -> None:
    first = restore(alice, deleted.id)
    again = restore(alice, deleted.id)

    assert again.json == first.json
    assert "X-Undo" in first.headers
    assert "X-Undo" not in again.headers
    assert restore(alice, alice.id).is_problem(404, "task_not_found")
    assert restore(alice, "none").is_problem(404, "task_not_found")


def test_conditions_hold_for_restoring_too(alice: Caller, deleted: Task) -> None:
    assert restore(alice, deleted.id, If_Match='"9"').is_problem(412, "precondition_failed")
    assert trash(alice)["meta"]["count"] == 1
    assert restore(alice, deleted.id, If_Match='"1"').status == 200


def test_for_good_leaves_nothing_but_that_it_is_gone(alice: Caller, make_task: MakeTask, deleted: Task) -> None:
    kept = make_task(alice, "Secret words")
    path = f"{alice.tasks}/{kept.id}"
    alice.patch(path, {"title": "Other words"})

    answer = alice.delete(f"{path}?permanent=true")
    assert alice.delete(f"{alice.tasks}/{deleted.id}?permanent=true").status == 204

    assert answer.status == 204
    assert "X-Undo" not in answer.headers
    assert trash(alice)["data"] == []
    assert restore(alice, kept.id).is_problem(404)
    entries = list(Entry.objects.filter(user_id=alice.id))
    assert {entry.kind for entry in entries if entry.task_id == kept.id} == {Kind.CREATED, Kind.CHANGED, Kind.DELETED}
    assert "words" not in orjson.dumps([entry.changes for entry in entries]).decode()
    told = alice.get(f"/api/{alice.id}/changes?since=0").json["data"]
    assert {change["id"]: change["task"] for change in told} == {str(kept.id): None, str(deleted.id): None}
    assert quotas.used(alice.id)["tasks"] == 0


@pytest.mark.parametrize("value", ["1", "yes", "TRUE", "true&permanent=false"])
def test_what_is_neither_true_nor_false_deletes_nothing(alice: Caller, make_task: MakeTask, value: str) -> None:
    task = make_task(alice)

    assert alice.delete(f"{alice.tasks}/{task.id}?permanent={value}").is_problem(422)
    assert alice.get(f"{alice.tasks}/{task.id}").status == 200


def test_without_a_trash_a_deletion_is_for_good(alice: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.TRASH_DAYS = 0
    tasks = [make_task(alice) for _ in range(2)]

    first = alice.delete(f"{alice.tasks}/{tasks[0].id}")
    bulk = alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "delete", "id": str(tasks[1].id)}]})

    assert "X-Undo" not in first.headers
    assert "X-Undo" not in bulk.headers
    assert trash(alice)["data"] == []
    assert quotas.used(alice.id)["tasks"] == 0


@pytest.mark.names_no_owner("sweeps over all owners")
def test_prune_empties_the_trash_after_its_days(
    alice: Caller, bob: Caller, make_task: MakeTask, settings: Settings
) -> None:
    settings.TRASH_DAYS = 7
    now = timezone.now()
    for owner in (alice, bob):
        for title, age in (("Old", 8), ("New", 6)):
            task = make_task(owner, title)
            owner.delete(f"{owner.tasks}/{task.id}")
            TrashedTask.objects.filter(user_id=owner.id, id=task.id).update(deleted_at=now - timedelta(days=age))

    assert pruning.prune(now)["tasks in the trash"] == 2

    for owner in (alice, bob):
        assert [task["title"] for task in trash(owner)["data"]] == ["New"]
        assert quotas.used(owner.id)["tasks"] == 1
        assert not any("Old" in str(entry.changes) for entry in Entry.objects.filter(user_id=owner.id))


@pytest.mark.names_no_owner("sweeps over all owners")
def test_prune_leaves_no_gap_in_a_journal(alice: Caller, bob: Caller, make_task: MakeTask, settings: Settings) -> None:
    settings.JOURNAL_DAYS = 7
    now = timezone.now()
    for age in (10, 9, 8, 6, 1):
        make_task(alice)
        make_task(bob)
        newest = Entry.objects.filter(user_id=alice.id).order_by("-version")[0]
        Entry.objects.filter(user_id=alice.id, version=newest.version).update(at=now - timedelta(days=age))

    assert pruning.prune(now)["changes of tasks"] == 3

    assert [entry.version for entry in Entry.objects.filter(user_id=alice.id).order_by("version")] == [4, 5]
    assert Entry.objects.filter(user_id=bob.id).count() == 5
    assert pruning.prune(now)["changes of tasks"] == 0


@pytest.mark.names_no_owner("sweeps over all owners")
def test_prune_leaves_as_many_entries_as_there_may_be(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "MAX_ENTRIES", 2)
    for _ in range(5):
        make_task(alice)

    assert pruning.prune(timezone.now())["changes of tasks"] == 3
    assert [entry.version for entry in Entry.objects.filter(user_id=alice.id).order_by("version")] == [4, 5]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_who_delete_or_restore_at_once_each_takes_effect_once(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    path = f"{alice.tasks}/{task.id}"

    assert sorted(in_parallel([lambda: alice.delete(path).status] * 6)) == [204] + [404] * 5
    restored = in_parallel([lambda: restore(alice, task.id)] * 6)
    assert {answer.status for answer in restored} == {200}
    assert sum("X-Undo" in answer.headers for answer in restored) == 1
    assert alice.get(alice.tasks).json["meta"] | {"timestamp": ""} == {
        "timestamp": "",
        "count": 1,
        "next_cursor": None,
        "version": 3,
    }
