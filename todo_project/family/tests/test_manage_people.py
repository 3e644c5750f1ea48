"""Other ways to what admins do."""

from collections.abc import Callable

import pytest

from accounts.models import AuthEvent, User
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


def path(user: Caller) -> str:
    return f"/api/admin/users/{user.id}"


def test_an_admin_gives_and_takes_a_role_by_its_own_path(admin: Caller, alice: Caller) -> None:
    promoted = admin.patch(f"{path(alice)}/role", {"role": "admin", "is_active": False})

    assert (promoted.status, promoted.json["role"], promoted.json["is_active"]) == (200, "admin", True)
    assert promoted.json == admin.get(path(alice)).json
    assert admin.patch(f"{path(alice)}/role", {"role": "user"}).json["role"] == "user"
    assert AuthEvent.objects.filter(kind="role_changed", subject=alice.id).count() == 2


@pytest.mark.parametrize("body", [{}, {"role": "owner"}, {"role": None}, {"is_active": False}])
def test_a_bad_role_is_422_and_changes_nothing(admin: Caller, alice: Caller, body: dict[str, object]) -> None:
    assert admin.patch(f"{path(alice)}/role", body).is_problem(422, "invalid")

    assert User.objects.filter(id=alice.id, role="user", is_active=True).exists()


def test_nobody_demotes_themself(admin: Caller) -> None:
    assert admin.patch(f"{path(admin)}/role", {"role": "user"}).is_problem(409, "own_account")


def test_an_admin_deletes_a_user_with_all_they_own(admin: Caller, alice: Caller, make_task: MakeTask) -> None:
    make_task(alice)

    answer = admin.delete(path(alice))

    assert (answer.status, answer.content) == (204, b"")
    assert not User.objects.filter(id=alice.id).exists()
    assert not Task.objects.filter(user_id=alice.id).exists()
    assert AuthEvent.objects.filter(kind="user_deleted", subject=alice.id).exists()
    assert alice.get(alice.tasks).is_problem(401)
    assert admin.delete(path(alice)).is_problem(404, "user_not_found")


def test_nobody_deletes_themself_here(admin: Caller) -> None:
    assert admin.delete(path(admin)).is_problem(409, "own_account")

    assert User.objects.filter(id=admin.id).exists()


def test_an_admin_deletes_one_task_of_a_user(admin: Caller, alice: Caller, make_task: MakeTask) -> None:
    doomed, kept = make_task(alice), make_task(alice)

    assert admin.delete(f"{path(alice)}/tasks/{doomed.id}").status == 204
    assert admin.delete(f"{path(alice)}/tasks/{doomed.id}").is_problem(404, "task_not_found")
    assert admin.delete(f"{path(admin)}/tasks/{kept.id}").is_problem(404, "task_not_found")
    assert admin.delete(f"{path(alice)}/tasks/1").is_problem(404, "task_not_found")
    assert Task.objects.filter(user_id=alice.id).get() == kept


def test_others_are_refused_and_nothing_changes(
    alice: Caller, bob: Caller, anonymous: Caller, make_task: MakeTask
) -> None:
    task = make_task(alice)

    for somebody, status in ((alice, 403), (bob, 403), (anonymous, 401)):
        assert somebody.patch(f"{path(alice)}/role", {"role": "admin"}).is_problem(status)
        assert somebody.delete(path(alice)).is_problem(status)
        assert somebody.delete(f"{path(alice)}/tasks/{task.id}").is_problem(status)
    assert User.objects.filter(id=alice.id, role="user").exists()
    assert Task.objects.filter(user_id=alice.id).exists()
