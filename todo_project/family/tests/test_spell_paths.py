"""Each other spelling of a path is the same path, for whoever asks."""

from collections.abc import Callable
from typing import Final

import pytest
from pytest_django import Settings

from accounts.models import User
from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Caller
from todo_project.family.paths import usual

MakeTask = Callable[..., Task]

# As it is sent -> as this service has it; {me} is the caller.
TASKS: Final = {
    "/api/tasks": "/api/{me}/tasks",
    "/api/v1/tasks": "/api/{me}/tasks",
    "/api/v1/{me}/tasks": "/api/{me}/tasks",
    "/api/users/{me}/tasks": "/api/{me}/tasks",
    "/api/v1/users/{me}/tasks": "/api/{me}/tasks",
}
PASSWORD: Final = "correct horse battery"


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("spelling", TASKS)
def test_the_whole_life_of_a_task_under_each_spelling(alice: Caller, spelling: str, slash: str) -> None:
    base = spelling.format(me=alice.id)
    created = alice.post(f"{base}{slash}", {"title": "Call mum"})
    path = f"{base}/{created.json['id']}"

    assert created.status == 201
    assert created.headers["Location"] == f"{alice.tasks}/{created.json['id']}"
    assert [task["id"] for task in alice.get(f"{base}{slash}").json["data"]] == [created.json["id"]]
    assert alice.get(f"{path}{slash}").content == alice.get(f"{alice.tasks}/{created.json['id']}").content
    assert alice.put(f"{path}{slash}", {"title": "Call dad"}).json["title"] == "Call dad"
    assert alice.patch(f"{path}{slash}", {"description": "At noon"}).json["description"] == "At noon"
    assert alice.patch(f"{path}/toggle{slash}").json["completed"] is True
    assert alice.patch(f"{path}/complete{slash}", {"completed": False}).json["completed"] is False
    assert alice.post(f"{base}/bulk{slash}", {"operations": []}).status == 200
    assert alice.delete(f"{path}{slash}").status == 204
    assert not Task.objects.visible_to(alice.user).exists()


@pytest.mark.parametrize("spelling", TASKS)
def test_an_old_and_a_new_clients_request_leave_the_same_row(
    alice: Caller, spelling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = []
    for path in (spelling, TASKS[spelling]):
        alice.post(path.format(me=alice.id), {"title": "Call mum", "priority": "high", "tags": ["family"]})
        row = Task.objects.visible_to(alice.user).values().get()
        rows.append({name: value for name, value in row.items() if name not in ("id", "created_at", "updated_at")})
        Task.objects.visible_to(alice.user).delete()

    assert rows[0] == rows[1]


def test_a_path_without_a_user_id_reaches_nobody_elses(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bob.get("/api/tasks").json["data"] == []
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert bob.send(method, f"/api/tasks/{task.id}", {"title": "x"} if method != "GET" else None).is_problem(404)
    assert bob.patch(f"/api/tasks/{task.id}/toggle").is_problem(404, "task_not_found")
    assert Task.objects.visible_to(alice.user).get().version == 1


@pytest.mark.parametrize(
    "path", ["/api/v1/{alice}/tasks", "/api/users/{alice}/tasks", "/api/v1/users/{alice}/tasks", "/api/v1/{alice}"]
)
def test_a_spelling_with_another_users_id_is_403(alice: Caller, bob: Caller, path: str) -> None:
    assert bob.get(path.format(alice=alice.id)).is_problem(403, "forbidden")


@pytest.mark.parametrize("path", ["/api/tasks", "/api/v1/tasks", "/api/conversations", "/api/v1/users/somebody/tasks"])
def test_anonymous_is_401(anonymous: Caller, path: str) -> None:
    assert anonymous.get(path).is_problem(401, "not_authenticated")


def test_chat_and_conversations_are_the_callers_own(alice: Caller, bob: Caller) -> None:
    turn = alice.post("/api/chat", {"message": "Add task: buy milk"})
    conversation = f"/conversations/{turn.json['conversation_id']}"

    assert turn.status == 200
    assert alice.get(f"/api{conversation}").content == alice.get(f"/api/{alice.id}{conversation}").content
    assert alice.get("/api/v1/conversations").json["data"] == alice.get(f"/api/{alice.id}/conversations").json["data"]
    assert bob.get(f"/api{conversation}").is_problem(404, "conversation_not_found")
    assert alice.delete(f"/api{conversation}").status == 204


def test_both_spellings_are_one_endpoint_to_an_idempotency_key(alice: Caller) -> None:
    first = alice.post("/api/tasks", {"title": "Once"}, Idempotency_Key="k")

    again = alice.post(alice.tasks, {"title": "Once"}, Idempotency_Key="k")

    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Task.objects.visible_to(alice.user).count() == 1


def test_the_link_to_the_next_page_is_spelled_as_the_request_was(alice: Caller, make_task: MakeTask) -> None:
    for _ in range(2):
        make_task(alice)

    link = alice.get("/api/v1/tasks?limit=1").headers["Link"]

    assert link.startswith("<http://testserver/api/v1/tasks?limit=1&cursor=")


SIGNUPS: Final = ("/api/auth/register", "/api/register", "/api/auth/signup", "/api/signup", "/api/v1/register")
LOGINS: Final = ("/api/auth/signin", "/api/signin", "/api/auth/login", "/api/login", "/api/v1/login", "/api/login/")


@pytest.mark.parametrize("path", SIGNUPS)
def test_every_spelling_of_signup_signs_up(anonymous: Caller, path: str) -> None:
    answer = anonymous.post(path, {"email": "Ada@example.com", "password": PASSWORD, "name": "Ada"})

    assert answer.status == 201
    user = User.objects.get()
    assert (user.id, user.email, user.name) == (answer.json["user"]["id"], "ada@example.com", "Ada")


@pytest.mark.parametrize("path", LOGINS)
def test_every_spelling_of_login_logs_in(anonymous: Caller, roomy_auth_limit: None, path: str) -> None:
    anonymous.post("/api/auth/signup", {"email": "ada@example.com", "password": PASSWORD})

    assert anonymous.post(path, {"email": "ada@example.com", "password": PASSWORD}).status == 200
    assert anonymous.post(path, {"email": "ada@example.com", "password": "wrong"}).is_problem(401)
    assert anonymous.get(path).is_problem(405, "method_not_allowed")


def test_one_limit_counts_all_spellings_together(anonymous: Caller, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(4, 60)
    spellings = (*SIGNUPS[:2], *LOGINS[:2])

    for path in spellings:
        assert anonymous.post(path, {"email": "nobody@example.com", "password": "x"}).status in (400, 401)

    for path in (*SIGNUPS, *LOGINS):
        assert anonymous.post(path, {"email": "nobody@example.com", "password": "x"}).is_problem(429, "throttled")


@pytest.mark.parametrize(
    "path",
    [
        "/api/{me}/nothing",
        "/api/{me}/nothing/toggle",
        "/api/{me}/1",
        "/api/v1",
        "/api/users",
        "/api/users/{me}",
        "/api/users/{me}/chat",
        "/api/auth/nothing",
        "/api/v1/v1/tasks",
        "/api/register/nothing",
        "/api/login/nothing",
        "/api/tasks/{task}/nothing",
        "/api/tasks/bulk/nothing",
        "/api/chat/nothing",
        "/api/conversations/1/nothing",
    ],
)
def test_a_path_that_is_none_is_404_to_everyone(
    alice: Caller, bob: Caller, anonymous: Caller, make_task: MakeTask, path: str
) -> None:
    path = path.format(me=alice.id, task=make_task(alice).id)

    for somebody in (alice, bob, anonymous):
        for method in ("GET", "POST", "PATCH", "DELETE"):
            assert somebody.send(method, path).is_problem(404, "not_found"), (method, path)


def test_a_task_directly_below_its_user_may_be_spelled_in_capitals(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert alice.get(f"/api/{alice.id}/{str(task.id).upper()}").json["id"] == str(task.id)


@pytest.mark.parametrize("path", ["/api/0197a3f0/tasks", "/api/auth/me", "/api/admin/users/1/tasks", "/health", "/"])
def test_the_services_own_spelling_is_left_alone(path: str) -> None:
    assert usual(path) == path
