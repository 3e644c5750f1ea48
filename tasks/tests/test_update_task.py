from collections.abc import Callable

import pytest

from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]
METHODS = pytest.mark.parametrize("method", ["PUT", "PATCH"])


@METHODS
def test_the_owner_changes_what_is_sent_and_nothing_else(alice: Caller, make_task: MakeTask, method: str) -> None:
    task = make_task(alice, description="Milk", completed=True)

    answer = alice.send(method, f"{alice.tasks}/{task.id}", {"title": " Buy food "})

    assert answer.status == 200
    assert answer.json["title"] == "Buy food"
    assert answer.json["description"] == "Milk"
    assert answer.json["completed"] is True
    assert answer.json["updated_at"] > answer.json["created_at"]


@METHODS
def test_another_user_is_refused_and_the_row_is_unchanged(
    alice: Caller, bob: Caller, make_task: MakeTask, method: str
) -> None:
    task = make_task(alice)

    assert bob.send(method, f"{alice.tasks}/{task.id}", {"title": "Mine"}).is_problem(403, "forbidden")
    assert bob.send(method, f"{bob.tasks}/{task.id}", {"title": "Mine"}).is_problem(404, "task_not_found")

    assert Task.objects.visible_to(alice.user).get().title == "Buy groceries"


@METHODS
def test_anonymous_is_401(alice: Caller, anonymous: Caller, make_task: MakeTask, method: str) -> None:
    answer = anonymous.send(method, f"{alice.tasks}/{make_task(alice).id}", {"title": "x"})

    assert answer.is_problem(401, "not_authenticated")


def test_null_clears_the_description(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, description="Milk")

    assert alice.patch(f"{alice.tasks}/{task.id}", {"description": None}).json["description"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        b"",
        {"title": "Buy groceries"},
        {"title": " Buy groceries "},
        {"description": "Milk"},
        {"completed": True, "is_completed": True},
        {"unknown": 1},
        {"updated_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_change_that_is_none_moves_nothing(alice: Caller, make_task: MakeTask, body: object) -> None:
    task = make_task(alice, description="Milk", completed=True)
    path = f"{alice.tasks}/{task.id}"
    before = alice.get(path).content

    assert alice.patch(path, body).content == before
    assert Task.objects.visible_to(alice.user).get().version == 1


def test_completing_by_edit_keeps_the_first_time(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    first = alice.patch(path, {"is_completed": True}).json

    again = alice.patch(path, {"completed": True, "title": "Renamed"}).json
    undone = alice.patch(path, {"completed": False}).json

    assert first["completed_at"] == first["updated_at"]
    assert again["completed_at"] == first["completed_at"]
    assert again["updated_at"] > first["updated_at"]
    assert undone["completed"] is False
    assert undone["completed_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"title": None},
        {"title": ""},
        {"title": "x" * 201},
        {"title": 1},
        {"description": 1},
        {"description": "\x00"},
        {"completed": None},
        {"completed": "false"},
        {"completed": True, "is_completed": False},
    ],
)
def test_bad_input_is_422_and_changes_nothing(alice: Caller, make_task: MakeTask, body: object) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    before = alice.get(path).content

    assert alice.patch(path, body).is_problem(422, "invalid")

    assert alice.get(path).content == before


@pytest.mark.parametrize("body", [{"title": None}, b"{", b"[]", b"\xff"])
def test_a_missing_task_is_404_before_the_body_is_looked_at(alice: Caller, body: object) -> None:
    path = f"{alice.tasks}/0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"

    assert alice.patch(path, body).is_problem(404, "task_not_found")


@pytest.mark.parametrize("body", [{"title": None}, b"{", b"\xff"])
def test_a_stranger_is_403_before_the_body_is_looked_at(
    alice: Caller, bob: Caller, make_task: MakeTask, body: object
) -> None:
    assert bob.patch(f"{alice.tasks}/{make_task(alice).id}", body).is_problem(403)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_edits_of_different_fields_all_survive(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    bodies: list[dict[str, object]] = [{"title": "New"}, {"description": "New"}, {"completed": True}]

    answers = in_parallel([lambda body=body: alice.patch(path, body) for body in bodies])  # type: ignore[misc] # the default binds the loop's value

    assert [answer.status for answer in answers] == [200, 200, 200]
    after = Task.objects.visible_to(alice.user).get()
    assert (after.title, after.description, after.completed, after.version) == ("New", "New", True, 4)


def test_a_change_the_database_has_planned_before_still_sees_what_is_null(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    due = "2026-02-01T10:00:00.000000Z"

    # psycopg has the server keep a statement from its sixth run on; null makes it another one.
    for version, filled in enumerate([True, False, False] * 8, start=2):
        sent = {"title": f"v{version}", "description": "Milk" if filled else None, "due_at": due if filled else None}
        answer = alice.patch(f"{alice.tasks}/{task.id}", sent)
        assert {name: answer.json[name] for name in sent} == sent
        assert answer.headers["ETag"] == f'"{version}"'
