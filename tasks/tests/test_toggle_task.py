from collections.abc import Callable

import pytest

from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]


def test_the_owner_completes_an_open_task(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    answer = alice.patch(f"{alice.tasks}/{task.id}/toggle")

    assert answer.status == 200
    assert answer.json["completed"] is answer.json["is_completed"] is True
    assert answer.json["completed_at"] == answer.json["updated_at"] > answer.json["created_at"]


def test_another_user_is_refused_and_the_row_is_unchanged(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bob.patch(f"{alice.tasks}/{task.id}/toggle").is_problem(403, "forbidden")
    assert bob.patch(f"{bob.tasks}/{task.id}/toggle").is_problem(404, "task_not_found")

    assert Task.objects.visible_to(alice.user).get().version == 1


def test_anonymous_is_401(alice: Caller, anonymous: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert anonymous.patch(f"{alice.tasks}/{task.id}/toggle").is_problem(401, "not_authenticated")


def test_toggling_twice_reopens(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    alice.patch(f"{alice.tasks}/{task.id}/toggle")

    answer = alice.patch(f"{alice.tasks}/{task.id}/toggle")

    assert answer.json["completed"] is False
    assert answer.json["completed_at"] is None


@pytest.mark.parametrize("body", [{"completed": True}, {"completed": "nonsense"}, b"not json"])
def test_the_body_is_not_looked_at(alice: Caller, make_task: MakeTask, body: object) -> None:
    task = make_task(alice, completed=True)

    assert alice.patch(f"{alice.tasks}/{task.id}/toggle", body).json["completed"] is False


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_forty_parallel_toggles_leave_the_task_as_it_was(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    answers = in_parallel([lambda: alice.patch(f"{alice.tasks}/{task.id}/toggle")] * 40)

    assert [answer.status for answer in answers] == [200] * 40
    assert sum(answer.json["completed"] for answer in answers) == 20
    after = Task.objects.visible_to(alice.user).get()
    assert not after.completed
    assert after.version == 41
