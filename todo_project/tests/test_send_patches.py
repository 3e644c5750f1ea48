"""A merge patch (RFC 7396) is what our ``PATCH`` does; RFC 5789 has it said in ``Accept-Patch``."""

from collections.abc import Callable
from typing import Any

import pytest

from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]
MERGE_PATCH = "application/merge-patch+json"
ACCEPTED = "application/json, application/merge-patch+json"


@pytest.mark.parametrize("content_type", [MERGE_PATCH, "Application/Merge-Patch+JSON; charset=utf-8"])
def test_a_merge_patch_changes_a_task(alice: Caller, make_task: MakeTask, content_type: str) -> None:
    path = f"{alice.tasks}/{make_task(alice, description='By the door', tags=['x']).id}"

    answer = alice.send("PATCH", path, {"title": "New", "description": None}, content_type=content_type)

    assert answer.status == 200
    assert {name: answer.json[name] for name in ("title", "description", "tags")} == {
        "title": "New", "description": None, "tags": ["x"]
    }  # fmt: skip


def test_and_whatever_else_is_patched(admin: Caller, alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    done = alice.send("PATCH", f"{path}/complete", {"completed": True}, content_type=MERGE_PATCH)
    renamed = alice.send("PATCH", "/api/auth/me", {"name": "Alicia"}, content_type=MERGE_PATCH)
    off = admin.send("PATCH", f"/api/admin/users/{alice.id}", {"is_active": False}, content_type=MERGE_PATCH)

    assert (done.json["completed"], renamed.json["name"], off.json["is_active"]) == (True, "Alicia", False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"[]", 422, "not_an_object"), (b"null", 422, "not_an_object"), (b"{", 400, "malformed_json"),
     ({"title": None}, 422, "invalid")],
)  # fmt: skip
def test_a_bad_one_is_refused_as_a_bad_body_is(
    alice: Caller, make_task: MakeTask, body: Any, status: int, code: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    assert alice.send("PATCH", path, body, content_type=MERGE_PATCH).is_problem(status, code)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_it_is_a_body_of_patch_alone(alice: Caller, make_task: MakeTask, method: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}" if method == "PUT" else alice.tasks

    answer = alice.send(method, path, {"title": "x"}, content_type=MERGE_PATCH)

    assert answer.is_problem(415, "unsupported_media_type")
    assert "Accept-Patch" not in answer.headers


@pytest.mark.parametrize("content_type", ["application/json-patch+json", "text/plain"])
def test_who_sends_another_kind_is_told_which_are_taken(alice: Caller, make_task: MakeTask, content_type: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    answer = alice.send("PATCH", path, {"title": "x"}, content_type=content_type)

    assert answer.is_problem(415, "unsupported_media_type")
    assert answer.headers["Accept-Patch"] == ACCEPTED


@pytest.mark.parametrize(
    ("path", "accepted"), [("/api/x/tasks/1", ACCEPTED), ("/api/auth/me", ACCEPTED), ("/api/auth/login", None)]
)
def test_options_say_it_where_patch_is_allowed(anonymous: Caller, path: str, accepted: str | None) -> None:
    assert anonymous.send("OPTIONS", path).headers.get("Accept-Patch") == accepted


def test_the_document_says_it_of_patch_alone(anonymous: Caller) -> None:
    for path, methods in anonymous.get("/openapi.json").json["paths"].items():
        for method, operation in methods.items():
            types = set(operation.get("requestBody", {}).get("content", ()))
            assert types in (set(), {"application/json"} | ({MERGE_PATCH} if method == "patch" else set())), path
