"""What a bulk request may look like, sent twice, sent at once, and what it costs."""

from collections.abc import Callable
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from core.limits.allowances import Rate
from tasks.models import Task
from tasks.tests.bulks import bulk, fields, op, rows
from testing.callers import Answer, Caller, in_parallel

MakeTask = Callable[..., Task]
MISSING: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"


@pytest.mark.parametrize("kind", ["complete", "create"])
def test_a_hundred_operations_are_the_most(alice: Caller, kind: str) -> None:
    assert bulk(alice, *[op("create", title="x")] * 100).status == 200

    answer = bulk(alice, *[op(kind, title="x")] * 101, atomic=False)

    assert answer.is_problem(422)
    assert [error["field"] for error in answer.json["errors"]] == ["operations"]
    assert len(rows(alice)) == 100


def test_null_is_as_good_as_nothing(alice: Caller, make_task: MakeTask) -> None:
    task = str(make_task(alice).id)

    answer = bulk(
        alice,
        {"op": "create", "id": None, "data": {"title": "x"}},
        {"op": "update", "id": task, "data": None},
    )

    assert [result["status"] for result in answer.json["results"]] == [201, 200]
    assert rows(alice) == [("Buy groceries", False, 1), ("x", False, 1)]


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("spelled", [str, lambda text: str(text).upper()])
def test_a_task_named_twice_is_422_and_nothing_changes(
    alice: Caller, make_task: MakeTask, atomic: bool, spelled: Callable[[object], str]
) -> None:
    task = make_task(alice)

    answer = bulk(alice, op("create", title="x"), op("complete", task), op("delete", spelled(task.id)), atomic=atomic)

    assert answer.is_problem(422)
    assert fields(answer) == [("operations.2.id", "duplicate_id")]
    assert rows(alice) == [("Buy groceries", False, 1)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "operations"),
        ({"operations": None}, "operations"),
        ({"operations": {}}, "operations"),
        ({"operations": "create"}, "operations"),
        ({"operations": [], "atomic": "yes"}, "atomic"),
        ({"operations": [], "atomic": None}, "atomic"),
        ({"operations": [7]}, "operations.0"),
        ({"operations": [None]}, "operations.0"),
        ({"operations": [{}]}, "operations.0.op"),
        ({"operations": [{"op": ["create"]}]}, "operations.0.op"),
        ({"operations": [{"op": "create", "data": []}]}, "operations.0.data"),
        ({"operations": [{"op": "delete", "id": None}]}, "operations.0.id"),
        ({"operations": [{"op": "delete", "id": {"a": 1}}]}, "operations.0.id"),
        ({"operations": [{"op": "create", "data": {"title": "\x00"}}]}, "operations.0.data.title"),
    ],
)
def test_a_request_that_makes_no_sense_is_422_and_names_the_place(alice: Caller, body: object, field: str) -> None:
    answer = alice.post(f"{alice.tasks}/bulk", body)

    assert answer.is_problem(422)
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_no_operations_have_no_results(alice: Caller) -> None:
    assert bulk(alice).json == {"results": []}


# --- Together with an Idempotency-Key -------------------------------------------------------------


def test_the_same_bulk_with_the_same_key_happens_once(alice: Caller, make_task: MakeTask) -> None:
    body = {"operations": [op("create", title="x"), op("delete", make_task(alice)), op("create", title="y")]}
    first = alice.post(f"{alice.tasks}/bulk", body, Idempotency_Key="k")

    again = alice.post(f"{alice.tasks}/bulk", body, Idempotency_Key="k")

    assert first.status == again.status == 200
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [row[0] for row in rows(alice)] == ["x", "y"]
    assert alice.post(f"{alice.tasks}/bulk", {"operations": []}, Idempotency_Key="k").is_problem(422)
    assert alice.post(alice.tasks, {"title": "Another path"}, Idempotency_Key="k").status == 201


def test_a_refused_bulk_can_be_sent_again_with_its_key(alice: Caller) -> None:
    refused = {"operations": [op("create", title="x"), op("complete", MISSING)]}
    assert alice.post(f"{alice.tasks}/bulk", refused, Idempotency_Key="k").is_problem(422)

    assert alice.post(f"{alice.tasks}/bulk", {"operations": []}, Idempotency_Key="k").status == 200
    assert rows(alice) == []


# --- At once, and how much work it is -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["create", "update", "complete", "reopen", "delete", "all"])
def test_ten_times_as_many_operations_take_the_same_queries(alice: Caller, make_task: MakeTask, kind: str) -> None:
    kinds = ["create", "update", "complete", "reopen", "delete"] if kind == "all" else [kind]

    def queries(count: int) -> int:
        operations = [
            op(name, None if name == "create" else make_task(alice, completed=name == "reopen"), title=f"{number}")
            for number in range(count)
            for name in kinds
        ]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = bulk(alice, *operations)
        assert {result["status"] for result in answer.json["results"]} <= {200, 201, 204}
        return len(captured)

    few = 5 // len(kinds)
    assert queries(few) == queries(10 * few)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_bulks_on_the_same_tasks_wait_for_each_other(alice: Caller, make_task: MakeTask) -> None:
    tasks = [make_task(alice, str(number)) for number in range(30)]

    def change(number: int) -> Answer:
        chosen = tasks if number % 2 else tasks[::-1]
        half = [op("complete" if number % 3 else "reopen", task) for task in chosen[:15]]
        return bulk(alice, *half, *[op("update", task, description=str(number)) for task in chosen[15:]])

    answers = in_parallel([lambda number=number: change(number) for number in range(12)])  # type: ignore[misc] # the default binds the loop's value

    assert [answer.status for answer in answers] == [200] * 12


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_parallel_bulks_that_delete_the_same_task_one_succeeds(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    answers = in_parallel([lambda: bulk(alice, op("create", title="x"), op("delete", task))] * 10)

    assert sorted(answer.status for answer in answers) == [200] + [422] * 9
    assert [row[0] for row in rows(alice)] == ["x"]


@pytest.mark.parametrize(("operations", "left"), [(0, "9"), (1, "9"), (2, "8"), (5, "5")])
def test_it_counts_as_many_calls_as_operations_and_one_at_least(
    alice: Caller, settings: Settings, operations: int, left: str
) -> None:
    settings.API_RATE_LIMIT = Rate(10, 60)

    answer = bulk(alice, *[op("create", title="x")] * operations)

    assert answer.headers["RateLimit-Remaining"] == left
