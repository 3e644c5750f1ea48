from collections.abc import Callable

import pytest

from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]


def test_the_owner_deletes_a_task_and_no_other(alice: Caller, make_task: MakeTask) -> None:
    task, other = make_task(alice), make_task(alice)

    answer = alice.delete(f"{alice.tasks}/{task.id}")

    assert answer.status == 204
    assert answer.content == b""
    assert [left.id for left in Task.objects.visible_to(alice.user)] == [other.id]
    assert alice.delete(f"{alice.tasks}/{task.id}").is_problem(404, "task_not_found")


def test_another_user_is_refused_and_the_row_stays(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bob.delete(f"{alice.tasks}/{task.id}").is_problem(403, "forbidden")
    assert bob.delete(f"{bob.tasks}/{task.id}").is_problem(404, "task_not_found")

    assert Task.objects.visible_to(alice.user).count() == 1


def test_anonymous_is_401(alice: Caller, anonymous: Caller, make_task: MakeTask) -> None:
    assert anonymous.delete(f"{alice.tasks}/{make_task(alice).id}").is_problem(401, "not_authenticated")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_ten_parallel_deletes_one_succeeds(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    answers = in_parallel([lambda: alice.delete(path)] * 10)

    assert sorted(answer.status for answer in answers) == [204] + [404] * 9
