from collections.abc import Callable

import pytest
from pytest_django import Settings

from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]


@pytest.mark.parametrize("name", ["completed", "is_completed"])
def test_the_owner_sets_the_state_either_way(alice: Caller, make_task: MakeTask, name: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}/complete"

    done = alice.patch(path, {name: True})
    undone = alice.patch(path, {name: False})

    assert done.status == undone.status == 200
    assert done.json["completed"] is done.json["is_completed"] is True
    assert done.json["completed_at"] == done.json["updated_at"]
    assert undone.json["completed"] is False
    assert undone.json["completed_at"] is None


def test_another_user_is_refused_and_the_row_is_unchanged(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bob.patch(f"{alice.tasks}/{task.id}/complete", {"completed": True}).is_problem(403, "forbidden")
    assert bob.patch(f"{bob.tasks}/{task.id}/complete", {"completed": True}).is_problem(404, "task_not_found")

    assert not Task.objects.visible_to(alice.user).get().completed


def test_anonymous_is_401(alice: Caller, anonymous: Caller, make_task: MakeTask) -> None:
    answer = anonymous.patch(f"{alice.tasks}/{make_task(alice).id}/complete", {"completed": True})

    assert answer.is_problem(401, "not_authenticated")


@pytest.mark.parametrize("state", [True, False])
def test_repeating_it_changes_nothing(alice: Caller, make_task: MakeTask, state: bool) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}/complete"
    alice.patch(path, {"completed": not state})
    first = alice.patch(path, {"completed": state})

    assert alice.patch(path, {"completed": state}).content == first.content


@pytest.mark.parametrize("body", [None, {}, b"", {"unknown": 1}])
def test_without_a_state_it_toggles(alice: Caller, make_task: MakeTask, body: object) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}/complete"

    assert alice.patch(path, body).json["completed"] is True
    assert alice.patch(path, body).json["completed"] is False


def test_or_it_completes_for_good_where_the_setting_says_so(
    alice: Caller, make_task: MakeTask, settings: Settings
) -> None:
    settings.COMPLETE_WITHOUT_BODY = "complete"
    path = f"{alice.tasks}/{make_task(alice).id}/complete"

    first = alice.patch(path)

    assert first.json["completed"] is True
    assert alice.patch(path).content == first.content
    assert alice.patch(path, {"completed": False}).json["completed"] is False


@pytest.mark.parametrize(
    "body",
    [{"completed": "true"}, {"completed": 1}, {"completed": None}, {"completed": True, "is_completed": False}],
)
def test_bad_input_is_422_and_changes_nothing(alice: Caller, make_task: MakeTask, body: object) -> None:
    task = make_task(alice)

    assert alice.patch(f"{alice.tasks}/{task.id}/complete", body).is_problem(422, "invalid")

    assert not Task.objects.visible_to(alice.user).get().completed


def test_a_missing_task_is_404_before_the_body_is_looked_at(alice: Caller) -> None:
    path = f"{alice.tasks}/0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11/complete"

    assert alice.patch(path, {"completed": "nonsense"}).is_problem(404, "task_not_found")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_completions_are_one_change(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}/complete"

    answers = in_parallel([lambda: alice.patch(path, {"completed": True})] * 20)

    assert len({answer.content for answer in answers}) == 1
    assert Task.objects.visible_to(alice.user).get().version == 2
