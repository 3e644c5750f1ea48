"""Priority and due time: what goes in, what comes out, and what a change is."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


@pytest.mark.parametrize("priority", ["low", "medium", "high"])
def test_a_task_has_a_priority(alice: Caller, priority: str) -> None:
    created = alice.post(alice.tasks, {"title": "x", "priority": priority})

    assert created.json["priority"] == priority
    assert alice.get(f"{alice.tasks}/{created.json['id']}").content == created.content


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-14T10:00:00Z", "2026-01-14T10:00:00.000000Z"),
        ("2026-01-14t10:00:00.5z", "2026-01-14T10:00:00.500000Z"),
        ("2026-01-14 10:00:00.123456789Z", "2026-01-14T10:00:00.123456Z"),
        ("2026-01-14T10:00:00+05:30", "2026-01-14T04:30:00.000000Z"),
        ("2026-01-01T00:30:00-23:59", "2026-01-02T00:29:00.000000Z"),
        ("2026-01-14T10:00:00-00:00", "2026-01-14T10:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("1582-10-10T00:00:00.000001Z", "1582-10-10T00:00:00.000001Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2028-02-29T23:59:59Z", "2028-02-29T23:59:59.000000Z"),
        (None, None),
    ],
)
def test_a_due_time_is_kept_in_utc(alice: Caller, sent: str | None, stored: str | None) -> None:
    created = alice.post(alice.tasks, {"title": "x", "due_at": sent})

    assert created.json["due_at"] == stored
    assert alice.get(f"{alice.tasks}/{created.json['id']}").content == created.content


BAD_PRIORITIES: list[object] = ["", "soon", "2", 2, True, ["low"], {}, "low\0"]
BAD_TIMES: list[object] = [
    "",
    "tomorrow",
    "2026-01-14",
    "2026-01-14T10:00:00",
    "2026-01-14T10:00Z",
    "2026-13-14T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2026-01-14T24:00:00Z",
    "2026-01-14T10:00:60Z",
    "2026-01-14T10:00:00+24:00",
    "2026-01-14T10:00:00 +01:00",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "20260114T100000Z",
    "2026-01-14T10:00:00.Z",
    "\u0662026-01-14T10:00:00Z",
    "2026-01-14T10:00:00Z\0",
    "2026-01-14T10:00:00Z\n",
    1768384800,
    True,
    ["2026-01-14T10:00:00Z"],
    {},
]
BAD: list[tuple[object, str]] = [
    *(({"priority": value}, "priority") for value in BAD_PRIORITIES),
    *(({"due_at": value}, "due_at") for value in BAD_TIMES),
    (b'{"priority": "\\ud800"}', "priority"),
    (b'{"due_at": "\\udfff"}', "due_at"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_bad_input_is_422_names_the_field_and_changes_nothing(
    alice: Caller, make_task: MakeTask, body: object, field: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    before = alice.get(path).content

    answer = alice.patch(path, body)

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert alice.get(path).content == before


def test_null_clears_the_due_time(alice: Caller) -> None:
    created = alice.post(alice.tasks, {"title": "x", "due_at": "2026-01-14T10:00:00Z", "priority": "high"}).json

    cleared = alice.patch(f"{alice.tasks}/{created['id']}", {"due_at": None}).json

    assert cleared["due_at"] is None
    assert cleared["priority"] == "high"
    assert cleared["updated_at"] > created["updated_at"]


@pytest.mark.parametrize("due_at", ["2026-01-14T10:00:00.000001Z", None])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_that_is_none_moves_nothing(alice: Caller, method: str, due_at: str | None) -> None:
    created = alice.post(alice.tasks, {"title": "x", "due_at": due_at, "priority": "low"})
    path = f"{alice.tasks}/{created.json['id']}"
    same = due_at and due_at.replace("10:00:00.000001Z", "11:00:00.000001+01:00")

    for body in ({"due_at": same}, {"priority": "low"}, {"due_at": same, "priority": "low", "title": "x"}):
        assert alice.send(method, path, body).content == created.content

    assert Task.objects.visible_to(alice.user).get().version == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"due_at": None}, {"due_at": "2026-01-14T10:00:00Z"}),
        ({"due_at": "2026-01-14T10:00:00Z"}, {"due_at": "2026-01-14T10:00:00.000001Z"}),
        ({"due_at": "2026-01-14T10:00:00Z"}, {"due_at": None}),
        ({"priority": "low"}, {"priority": "high"}),
    ],
)
def test_a_change_counts_once(alice: Caller, before: dict[str, object], after: dict[str, object]) -> None:
    created = alice.post(alice.tasks, {"title": "x"} | before).json
    path = f"{alice.tasks}/{created['id']}"

    changed = alice.patch(path, after).json

    assert changed["updated_at"] > created["updated_at"]
    assert alice.patch(path, after).json == changed
    assert Task.objects.visible_to(alice.user).get().version == 2


def test_the_database_knows_three_priorities(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    with pytest.raises(IntegrityError, match="tasks_task_priority_known"), transaction.atomic():
        Task.objects.filter(user_id=alice.id, id=task.id).update(priority=4)
