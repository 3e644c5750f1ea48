"""Backend A's clients find the tasks directly under the user."""

from collections.abc import Callable

import pytest

from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_whole_life_of_a_task_under_the_alias_paths(alice: Caller, slash: str) -> None:
    base = f"/api/{alice.id}"
    created = alice.post(f"{base}{slash}", {"title": "Call mum"})
    path = f"{base}/{created.json['id']}"

    assert created.status == 201
    assert [task["id"] for task in alice.get(f"{base}{slash}").json["data"]] == [created.json["id"]]
    assert alice.get(f"{path}{slash}").content == created.content
    assert alice.put(f"{path}{slash}", {"title": "Call dad"}).json["title"] == "Call dad"
    assert alice.patch(f"{path}{slash}", {"description": "At noon"}).json["description"] == "At noon"
    assert alice.patch(f"{path}/toggle{slash}").json["completed"] is True
    assert alice.patch(f"{path}/complete{slash}", {"completed": False}).json["completed"] is False
    assert alice.delete(f"{path}{slash}").status == 204
    assert not Task.objects.visible_to(alice.user).exists()


def test_another_user_is_refused_and_the_row_is_unchanged(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    base = f"/api/{alice.id}"

    assert bob.get(base).is_problem(403)
    assert bob.post(base, {"title": "x"}).is_problem(403)
    assert bob.patch(f"{base}/{task.id}/toggle").is_problem(403)
    assert bob.delete(f"{base}/{task.id}").is_problem(403)
    assert bob.delete(f"/api/{bob.id}/{task.id}").is_problem(404)

    assert Task.objects.visible_to(alice.user).get().version == 1


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert anonymous.get(f"/api/{alice.id}/").is_problem(401)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/admin/nothing", "/api/auth/nothing", "/api/auth", "/nothing"])
def test_our_own_names_are_no_user_ids(alice: Caller, path: str) -> None:
    assert alice.get(path).is_problem(404, "not_found")


@pytest.mark.parametrize("path", ["/tasks", "/tasks/{id}", "/tasks/{id}/toggle", "/tasks/{id}/complete"])
def test_a_trailing_slash_is_served_without_a_redirect(alice: Caller, make_task: MakeTask, path: str) -> None:
    path = f"/api/{alice.id}{path.format(id=make_task(alice).id)}/"
    method = "PATCH" if path.endswith(("toggle/", "complete/")) else "GET"

    assert alice.send(method, path).status == 200
