"""What other clients call the fields of a task, and their values."""

from typing import Any, Final

import pytest

from tasks.models import Task
from testing.callers import Caller

MINE: Final = {"title": "Call mum"}
NOON: Final = "2026-01-14T12:00:00.000000Z"

# What an old client sends -> what a new one sends for the same thing.
SAME: Final[list[tuple[dict[str, Any], dict[str, Any]]]] = [
    ({"due_date": "2026-01-14"}, {"due_at": "2026-01-14T00:00:00Z"}),
    ({"dueDate": "2026-01-14"}, {"due_at": "2026-01-14T00:00:00Z"}),
    ({"due_date": "2026-01-14T12:00"}, {"due_at": NOON}),
    ({"due_date": "2026-01-14 12:00:00"}, {"due_at": NOON}),
    ({"due_date": "2026-01-14T12:00:00.000"}, {"due_at": NOON}),
    ({"due_date": "2026-01-14T12:00:00.000Z"}, {"due_at": NOON}),
    ({"dueDate": "2026-01-14T14:00+02:00"}, {"due_at": NOON}),
    ({"due_date": None}, {"due_at": None}),
    ({"due_date": ""}, {"due_at": None}),
    ({"due_date": "", "due_at": NOON}, {"due_at": NOON}),
    ({"due_date": "", "dueDate": "2026-01-14T12:00"}, {"due_at": NOON}),
    ({"due_date": "2026-01-14", "due_at": "2026-01-14T01:00:00+01:00"}, {"due_at": "2026-01-14T00:00:00Z"}),
    ({"status": "completed"}, {"completed": True}),
    ({"status": "Done"}, {"completed": True}),
    ({"status": "pending"}, {"completed": False}),
    ({"status": "in_progress"}, {"completed": False}),
    ({"status": "completed", "is_completed": True}, {"completed": True}),
    ({"status": "", "completed": True}, {"completed": True}),
    ({"status": None, "completed": True}, {"completed": True}),
    ({"priority": "High"}, {"priority": "high"}),
    ({"priority": "LOW"}, {"priority": "low"}),
    ({"priority": "urgent"}, {"priority": "high"}),
    ({"priority": "Critical"}, {"priority": "high"}),
    ({"priority": "none"}, {"priority": "medium"}),
    ({"priority": "Normal"}, {"priority": "medium"}),
    ({"priority": None}, {"priority": "medium"}),
    ({"user_id": "somebody-else"}, {}),
]
# Of a task that has a due time already the two would be different changes.
SAME_WHEN_CREATED: Final = [*SAME, ({"due_date": "2026-01-14", "due_at": None}, {"due_at": "2026-01-14T00:00:00Z"})]


def row(caller: Caller) -> dict[str, Any]:
    """But for when it was made."""
    values: dict[str, Any] = {**Task.objects.visible_to(caller.user).values().get()}
    moments = {name: values.pop(name) for name in ("id", "created_at", "updated_at", "completed_at")}
    return {**values, "is_completed": moments["completed_at"] is not None}


@pytest.mark.parametrize(("old", "new"), SAME_WHEN_CREATED)
def test_an_old_and_a_new_client_create_the_same_row(alice: Caller, old: dict[str, Any], new: dict[str, Any]) -> None:
    rows = []
    for body in (old, new):
        assert alice.post(alice.tasks, MINE | body).status == 201
        rows.append(row(alice))
        Task.objects.visible_to(alice.user).delete()

    assert rows[0] == rows[1]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(("old", "new"), SAME)
@pytest.mark.parametrize("before", [{}, {"due_at": "2030-01-01T00:00:00Z", "completed": True, "priority": "low"}])
def test_they_change_it_to_the_same_row(
    alice: Caller, old: dict[str, Any], new: dict[str, Any], method: str, before: dict[str, Any]
) -> None:
    rows = []
    for body in (old, new):
        created = alice.post(alice.tasks, MINE | before).json
        assert alice.send(method, f"{alice.tasks}/{created['id']}", body).status == 200
        rows.append(row(alice))
        Task.objects.visible_to(alice.user).delete()

    assert rows[0] == rows[1]


@pytest.mark.parametrize(("old", "new"), SAME_WHEN_CREATED)
def test_they_write_the_same_rows_in_bulk(alice: Caller, old: dict[str, Any], new: dict[str, Any]) -> None:
    rows = []
    for body in (old, new):
        answer = alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "create", "data": MINE | body}]})
        assert answer.json["results"][0]["status"] == 201
        rows.append(row(alice))
        Task.objects.visible_to(alice.user).delete()

    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"due_date": "2026-01-14", "due_at": "2026-01-15T00:00:00Z"}, "due_date"),
        ({"due_date": "2026-01-14", "dueDate": "2026-01-15"}, "dueDate"),
        ({"status": "completed", "completed": False}, "status"),
        ({"status": "pending", "is_completed": True}, "status"),
        ({"completed": True, "is_completed": False}, "is_completed"),
        ({"due_date": "tomorrow"}, "due_date"),
        ({"due_date": "2026-02-30"}, "due_date"),
        ({"dueDate": "14.01.2026"}, "dueDate"),
        ({"dueDate": 1768384800000}, "dueDate"),
        ({"due_at": "2026-01-14"}, "due_at"),
        ({"due_at": "2026-01-14T12:00:00"}, "due_at"),
        ({"due_at": "2026-01-14T12:00Z"}, "due_at"),
        ({"due_at": ""}, "due_at"),
        ({"due_at": "2026-01-14", "due_date": "2026-01-14"}, "due_at"),
        ({"status": 1}, "status"),
        ({"status": True}, "status"),
        ({"status": ""}, "status"),
        ({"priority": "soon"}, "priority"),
        ({"priority": 1}, "priority"),
    ],
)
def test_what_contradicts_itself_or_makes_no_sense_is_422_and_changes_nothing(
    alice: Caller, body: dict[str, Any], field: str
) -> None:
    created = alice.post(alice.tasks, MINE).json

    for answer in (alice.post(alice.tasks, MINE | body), alice.patch(f"{alice.tasks}/{created['id']}", body)):
        assert answer.is_problem(422, "invalid")
        assert [error["field"] for error in answer.json["errors"]] == [field]
    assert alice.get(f"{alice.tasks}/{created['id']}").json == created
    assert Task.objects.visible_to(alice.user).count() == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize(
    "changed", [{"completed"}, {"is_completed"}, {"status"}, {"completed", "status"}, {"is_completed", "status"}]
)
def test_of_a_whole_task_sent_back_the_spelling_that_was_changed_wins(
    alice: Caller, method: str, completed: bool, changed: set[str]
) -> None:
    task = alice.post(alice.tasks, MINE | {"completed": completed}).json
    whole = task | {"status": "completed" if completed else "pending"}
    flipped = {"completed": not completed, "is_completed": not completed, "status": "pending" if completed else "done"}

    body = whole | {name: flipped[name] for name in changed}

    assert alice.send(method, f"{alice.tasks}/{task['id']}", body).json["completed"] is not completed


def test_a_whole_task_that_is_another_contradicts_itself(alice: Caller) -> None:
    task, other = (alice.post(alice.tasks, MINE).json for _ in range(2))

    answer = alice.patch(f"{alice.tasks}/{task['id']}", other | {"completed": True})

    assert answer.is_problem(422, "invalid")
    assert not Task.objects.visible_to(alice.user).filter(version=2).exists()


@pytest.mark.parametrize("has_id", [True, False])
@pytest.mark.parametrize(
    ("changed", "due_at"),
    [
        ({"due_date": "2026-01-20"}, "2026-01-20T00:00:00.000000Z"),
        ({"due_at": "2026-01-20T00:00:00Z"}, "2026-01-20T00:00:00.000000Z"),
        ({"dueDate": "2026-01-20"}, "2026-01-20T00:00:00.000000Z"),
        ({"due_date": None}, None),
        ({"due_at": None}, None),
        ({"due_date": ""}, NOON),
        ({}, NOON),
    ],
)
def test_of_two_due_times_the_one_that_is_not_stored_wins(
    alice: Caller, has_id: bool, changed: dict[str, Any], due_at: str | None
) -> None:
    task = alice.post(alice.tasks, MINE | {"due_at": NOON}).json
    whole = task | {"due_date": task["due_at"]} | changed
    if not has_id:
        del whole["id"]

    assert alice.put(f"{alice.tasks}/{task['id']}", whole).json["due_at"] == due_at


def test_a_missing_task_is_404_before_a_contradiction(alice: Caller, bob: Caller) -> None:
    foreign = bob.post(bob.tasks, MINE).json

    for body in ({"due_date": "2026-01-14", "due_at": NOON}, foreign | {"status": "completed"}, {"due_date": "x"}):
        assert alice.patch(f"{alice.tasks}/{foreign['id']}", body).is_problem(404, "task_not_found")
    assert bob.get(f"{bob.tasks}/{foreign['id']}").json == foreign


@pytest.mark.parametrize("body", [{"status": "completed"}, {"status": "Done"}])
def test_complete_understands_a_status(alice: Caller, body: dict[str, Any]) -> None:
    task = alice.post(alice.tasks, MINE).json
    path = f"{alice.tasks}/{task['id']}/complete"

    assert alice.patch(path, body).json["completed"] is True
    assert alice.patch(path, body).json["completed"] is True
    assert alice.patch(path, {"status": "todo"}).json["completed"] is False


def test_in_a_bulk_a_contradiction_leaves_the_others_alone(alice: Caller) -> None:
    task = alice.post(alice.tasks, MINE | {"due_at": NOON}).json
    gone = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"
    contradiction = {"due_date": "2026-01-14", "due_at": "2026-01-15T00:00:00Z"}
    operations = [
        {"op": "create", "data": MINE | contradiction},
        {"op": "create", "data": MINE | {"status": 1}},
        {"op": "update", "id": task["id"], "data": {"due_date": "2026-01-20", "due_at": NOON}},
        {"op": "update", "id": gone, "data": contradiction},
    ]

    results = alice.post(f"{alice.tasks}/bulk", {"operations": operations, "atomic": False}).json["results"]

    assert [result["status"] for result in results] == [422, 422, 200, 404]
    assert [results[number]["problem"]["errors"][0]["field"] for number in (0, 1)] == ["data.due_at", "data.completed"]
    assert results[2]["task"]["due_at"] == "2026-01-20T00:00:00.000000Z"
    assert alice.post(f"{alice.tasks}/bulk", {"operations": operations}).is_problem(422)
    assert Task.objects.visible_to(alice.user).count() == 1
