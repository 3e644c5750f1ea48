from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import OperationalError

from tasks.bulk import operations
from tasks.models import Task
from tasks.tests.bulks import bulk, fields, op, rows
from testing.callers import Caller

MakeTask = Callable[..., Task]
MISSING: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"


def test_the_owner_does_all_kinds_of_things_at_once(alice: Caller, make_task: MakeTask) -> None:
    edited, done, undone, doomed = (make_task(alice, title, completed=title == "c") for title in "abcd")

    answer = bulk(
        alice,
        op("create", title=" First "),
        op("update", edited, title="New", description="Milk"),
        op("complete", done),
        op("reopen", undone),
        op("delete", doomed),
        op("create", title="Second", completed=True),
    )

    assert answer.status == 200
    results = answer.json["results"]
    assert [result["status"] for result in results] == [201, 200, 200, 200, 204, 201]
    assert results[4] == {"status": 204}
    assert [set(result) for result in results if result["status"] != 204] == [{"status", "task"}] * 5
    assert [result["task"]["title"] for result in results if "task" in result] == ["First", "New", "b", "c", "Second"]
    assert rows(alice) == [
        ("New", False, 2),
        ("b", True, 2),
        ("c", False, 2),
        ("First", False, 1),
        ("Second", True, 1),
    ]
    for result in results:
        if "task" in result:
            assert alice.get(f"{alice.tasks}/{result['task']['id']}").json == result["task"]


def test_another_user_is_refused_and_nothing_changes(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bulk(bob, op("create", title="x"), op("delete", task), owner=alice).is_problem(403, "forbidden")

    assert rows(alice) == [("Buy groceries", False, 1)]


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert bulk(anonymous, op("create", title="x"), owner=alice).is_problem(401, "not_authenticated")


@pytest.mark.parametrize("kind", ["update", "complete", "reopen", "delete"])
def test_anothers_task_is_404_like_one_that_does_not_exist(
    alice: Caller, bob: Caller, make_task: MakeTask, kind: str
) -> None:
    his = make_task(bob, completed=kind == "reopen")

    results = bulk(alice, op(kind, his), op(kind, MISSING), op(kind, "no-uuid"), atomic=False).json["results"]

    problems = [result.pop("problem") for result in results]
    assert results == [{"status": 404}] * 3
    assert problems[0] == problems[1] == problems[2]
    assert problems[0]["code"] == "task_not_found"
    assert rows(bob)[0][2] == 1


def test_what_one_creation_leaves_out_is_not_its_neighbours(alice: Caller) -> None:
    answer = bulk(
        alice,
        op("create", title="Full", description="Milk", priority="high", due_at="2026-02-01T10:00:00Z", tags=["Home"]),
        op("create", title="Bare"),
        op("create", title="Done", completed=True, tags=["home", "Work"]),
    )

    full, bare, done = (result["task"] for result in answer.json["results"])
    shown = ("title", "description", "completed", "priority", "due_at", "tags")
    assert [full[name] for name in shown] == ["Full", "Milk", False, "high", "2026-02-01T10:00:00.000000Z", ["Home"]]
    assert [bare[name] for name in shown] == ["Bare", None, False, "medium", None, []]
    assert [done[name] for name in shown] == ["Done", None, True, "medium", None, ["home", "Work"]]
    assert (bare["completed_at"], done["completed_at"]) == (None, done["created_at"])
    assert alice.get(f"{alice.tasks}?tag=HOME").json["data"] == [done, full]
    assert alice.get(f"{alice.tasks}?search=MILK").json["data"] == [full]


# --- One by one -----------------------------------------------------------------------------------


def test_without_atomic_each_is_on_its_own(alice: Caller, make_task: MakeTask) -> None:
    task, kept = make_task(alice, "a"), make_task(alice, "b")

    answer = bulk(
        alice,
        op("create", title=""),
        op("complete", MISSING),
        op("complete", task),
        op("update", kept, title=5, description="x" * 1001),
        op("create", title="New"),
        op("update", MISSING[:-1] + "2", title=5),
        op("explode", task.id.hex),
        7,
        atomic=False,
    )

    assert answer.status == 200
    results = answer.json["results"]
    assert [result["status"] for result in results] == [422, 404, 200, 422, 201, 404, 422, 422]
    assert [set(result) for result in (results[0], results[2])] == [{"status", "problem"}, {"status", "task"}]
    problem = results[3]["problem"]
    assert [error["field"] for error in problem["errors"]] == ["data.title", "data.description"]
    assert problem["status"] == 422
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert results[6]["problem"]["errors"][0]["field"] == "op"
    assert rows(alice) == [("a", True, 2), ("b", False, 1), ("New", False, 1)]


# --- All or nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"atomic": True}])
def test_atomic_lists_every_cause_and_changes_nothing(alice: Caller, make_task: MakeTask, more: dict[str, Any]) -> None:
    edited, doomed = make_task(alice, "a"), make_task(alice, "b")

    answer = bulk(
        alice,
        op("create", title="Fine"),
        op("create", description="No title"),
        op("update", edited, title="x" * 201, completed="yes"),
        op("complete", MISSING),
        op("delete", doomed),
        op("update", "no-uuid", title="x"),
        {"op": "complete"},
        {"op": "update", "id": 5},
        **more,
    )

    assert answer.is_problem(422, "invalid")
    assert fields(answer) == [
        ("operations.1.data.title", "required"),
        ("operations.2.data.title", "max_length"),
        ("operations.2.data.completed", "invalid"),
        ("operations.3.id", "task_not_found"),
        ("operations.5.id", "task_not_found"),
        ("operations.6.id", "required"),
        ("operations.7.id", "invalid"),
    ]
    assert rows(alice) == [("a", False, 1), ("b", False, 1)]


def test_one_missing_task_undoes_all(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bulk(alice, op("create", title="x"), op("delete", task), op("complete", MISSING)).is_problem(422)

    assert rows(alice) == [("Buy groceries", False, 1)]


# --- The same rules as for one --------------------------------------------------------------------


def test_a_change_that_is_none_moves_nothing(alice: Caller, make_task: MakeTask) -> None:
    same, done, empty = make_task(alice, "a"), make_task(alice, "b", completed=True), make_task(alice, "c")
    before = [alice.get(f"{alice.tasks}/{task.id}").json for task in (same, done, empty)]

    answer = bulk(alice, op("update", same, title="a"), op("complete", done), op("update", empty))

    assert [result["task"] for result in answer.json["results"]] == before
    assert [row[2] for row in rows(alice)] == [1, 1, 1]


def test_each_task_gets_its_own_values_and_keeps_its_other_ones(alice: Caller, make_task: MakeTask) -> None:
    tasks = [make_task(alice, f"Task {number}", description=f"Of {number}") for number in range(4)]

    bulk(
        alice,
        op("update", tasks[3], title="3!", completed=True),
        op("update", tasks[0], title="0!"),
        op("update", tasks[1], description=None),
        op("complete", tasks[2]),
    )

    after = [alice.get(f"{alice.tasks}/{task.id}").json for task in tasks]
    assert [(task["title"], task["description"], task["completed"]) for task in after] == [
        ("0!", "Of 0", False),
        ("Task 1", None, False),
        ("Task 2", "Of 2", True),
        ("3!", "Of 3", True),
    ]


def test_new_tasks_are_listed_in_the_order_of_their_operations(alice: Caller) -> None:
    bulk(alice, *[op("create", title=str(number)) for number in range(100)])

    titles = [task["title"] for task in alice.get(alice.tasks).json["data"]]
    assert titles == [str(number) for number in reversed(range(100))]


def test_what_an_operation_has_no_use_for_is_ignored(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    answer = bulk(
        alice,
        {"op": "create", "id": MISSING, "data": {"title": "x", "id": MISSING}, "unknown": 1},
        {"op": "create", "id": MISSING, "data": {"title": "y"}},
        {"op": "complete", "id": str(task.id), "data": {"completed": False}},
        unknown=1,
    )

    assert [result["status"] for result in answer.json["results"]] == [201, 201, 200]
    assert answer.json["results"][2]["task"]["completed"] is True
    assert MISSING not in answer.content.decode()


@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_failure_on_the_way_undoes_all_of_it(
    alice: Caller, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, is_atomic: bool
) -> None:
    task = make_task(alice, "Old")

    def fail(*args: object, **kwargs: object) -> int:
        raise OperationalError("the connection is lost")

    # The last of the three kinds of statements.
    monkeypatch.setattr(operations, "remove_tasks", fail)
    sent = [op("create", title="New"), op("update", task, title="Changed"), op("delete", make_task(alice, "Doomed"))]
    before = rows(alice)
    answer = bulk(alice, *sent, atomic=is_atomic)

    assert answer.status >= 500
    assert rows(alice) == before
