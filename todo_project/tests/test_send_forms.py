"""A body by a form's content type, which ``curl -d ''`` and axios send by themselves."""

from collections.abc import Callable

import pytest

from accounts.models import User
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]
FORMS = pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"]
)


@FORMS
def test_an_empty_form_completes_as_no_body_does(alice: Caller, make_task: MakeTask, content_type: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}/complete"

    assert alice.send("PATCH", path, content_type=content_type).json["completed"] is True


@FORMS
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_empty_form_leaves_a_task_as_it_is(
    alice: Caller, make_task: MakeTask, method: str, content_type: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice, description='x', completed=True, tags=['y']).id}"
    before = alice.get(path)

    answer = alice.send(method, path, content_type=content_type)

    assert (answer.status, answer.content) == (200, before.content)


@FORMS
def test_an_empty_form_leaves_an_account_as_it_is(admin: Caller, alice: Caller, content_type: str) -> None:
    assert admin.send("PATCH", f"/api/admin/users/{alice.id}", content_type=content_type).json["is_active"] is True
    assert alice.send("PATCH", "/api/auth/me", content_type=content_type).json["name"] == "Alice"

    assert User.objects.get(id=alice.id).is_active


@FORMS
@pytest.mark.parametrize("path", ["{tasks}", "{tasks}/bulk", "/api/{id}/chat", "/api/auth/login", "/api/auth/password"])
def test_an_empty_form_lacks_what_an_empty_object_lacks(alice: Caller, path: str, content_type: str) -> None:
    path = path.format(tasks=alice.tasks, id=alice.id)

    answer = alice.send("POST", path, content_type=content_type)

    assert answer.is_problem(422, "invalid")
    assert answer.json["errors"] == alice.post(path, {}).json["errors"]


@FORMS
@pytest.mark.parametrize("path", ["/complete", ""])
def test_a_form_that_is_not_empty_is_415(alice: Caller, make_task: MakeTask, path: str, content_type: str) -> None:
    task = f"{alice.tasks}/{make_task(alice).id}"

    answer = alice.send("PATCH", task + path, b"completed=true", content_type=content_type)

    assert answer.is_problem(415, "unsupported_media_type")
    assert alice.get(task).json["completed"] is False


def test_what_a_form_calls_an_admins_change_is_415_too(admin: Caller, alice: Caller) -> None:
    answer = admin.send(
        "PATCH",
        f"/api/admin/users/{alice.id}",
        b"is_active=false",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.is_problem(415, "unsupported_media_type")
    assert User.objects.get(id=alice.id).is_active
