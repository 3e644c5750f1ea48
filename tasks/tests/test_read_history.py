"""``GET .../tasks/{id}/history``: what has been done to a task, by whom and by which door."""

from collections.abc import Callable

import pytest
from django.contrib.admin.sites import site
from django.test import RequestFactory

from tasks.models import Entry, Task
from testing.callers import Answer, Caller

pytestmark = pytest.mark.django_db
MakeTask = Callable[..., Task]


def history(caller: Caller, task_id: object, query: str = "") -> Answer:
    return caller.get(f"{caller.tasks}/{task_id}/history{query}")


def test_the_owner_reads_the_last_change_first(alice: Caller) -> None:
    made = alice.post(alice.tasks, {"title": "Milk", "priority": "high", "tags": ["a"]}).json
    path = f"{alice.tasks}/{made['id']}"
    changed = alice.patch(path, {"title": "Oat milk", "priority": "low", "due_at": "2030-01-14T10:00:00Z"}).json
    completed = alice.patch(f"{path}/toggle").json
    alice.delete(path)
    restored = alice.post(f"{path}/restore").json
    other = alice.post(alice.tasks, {"title": "Bread"}).json

    assert [entry["version"] for entry in history(alice, other["id"]).json["data"]] == [6]
    answer = history(alice, made["id"])

    assert answer.status == 200
    told = answer.json["data"]
    assert [entry["version"] for entry in told] == [5, 4, 3, 2, 1]
    deleted_at = told[1]["at"]
    assert [entry["changes"] for entry in told] == [
        {"deleted_at": [deleted_at, None]},
        {"deleted_at": [None, deleted_at]},
        {"completed": [False, True], "completed_at": [None, completed["completed_at"]]},
        {
            "title": ["Milk", "Oat milk"],
            "priority": ["high", "low"],
            "due_at": [None, "2030-01-14T10:00:00.000000Z"],
        },
        {"title": [None, "Milk"], "priority": [None, "high"], "tags": [None, ["a"]]},
    ]
    assert {(entry["via"], entry["by"]) for entry in told} == {("api", alice.id)}
    assert [told[0]["at"], told[3]["at"], told[4]["at"]] == [
        restored["updated_at"],
        changed["updated_at"],
        made["updated_at"],
    ]


def test_another_user_and_nobody_read_nothing(
    alice: Caller, bob: Caller, anonymous: Caller, make_task: MakeTask
) -> None:
    task = make_task(alice)

    assert bob.get(f"{alice.tasks}/{task.id}/history").is_problem(403)
    assert history(bob, task.id).is_problem(404, "task_not_found")
    assert anonymous.get(f"{alice.tasks}/{task.id}/history").is_problem(401)
    assert history(alice, "none").is_problem(404, "task_not_found")


def test_each_door_has_its_name(alice: Caller, admin: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, "Milk")
    path = f"{alice.tasks}/{task.id}"
    toggled = alice.patch(f"{path}/toggle")
    alice.post(f"/api/{alice.id}/undo", {"undo": toggled.headers["X-Undo"]})
    alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "complete", "id": str(task.id)}]})
    alice.post(f"/api/{alice.id}/chat", {"message": "reopen 'Milk'"})
    assert admin.delete(f"/api/admin/users/{alice.id}/tasks/{task.id}").status == 204
    alice.post(f"{path}/restore")
    pages = site.get_model_admin(Task)
    request = RequestFactory().post("/admin/")
    request.user = admin.user
    pages.delete_model(request, task)
    alice.post(f"{path}/restore")

    told = [(entry["via"], entry["by"]) for entry in history(alice, task.id).json["data"]]

    mine, staff = alice.id, ("staff", admin.id)
    assert told == [
        ("api", mine), staff, ("api", mine), staff,
        ("chat", mine), ("bulk", mine), ("undo", mine), ("api", mine), ("api", mine),
    ]  # fmt: skip


def test_pages_follow_each_other(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    for _ in range(4):
        alice.patch(f"{alice.tasks}/{task.id}/toggle")
    told, query = [], "?limit=2"
    while True:
        page = history(alice, task.id, query).json
        told += [entry["version"] for entry in page["data"]]
        if page["meta"]["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['meta']['next_cursor']}"

    assert told == [5, 4, 3, 2, 1]
    assert history(alice, task.id, "?limit=0").is_problem(422)


def test_what_was_pruned_is_not_told(alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(alice)
    for _ in range(3):
        alice.patch(f"{alice.tasks}/{task.id}/toggle")
    Entry.objects.filter(user_id=alice.id, version=1).delete()
    monkeypatch.setattr("tasks.journal.history.MAX_ENTRIES", 2)

    assert [entry["version"] for entry in history(alice, task.id).json["data"]] == [4, 3]


def test_the_same_below_the_callers_own_path(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert len(alice.get(f"/api/tasks/{task.id}/history/").json["data"]) == 1
