"""What the tests' client sends arrives, and what is answered comes back, whether the service is in this process or, as
in ``make two-machines``, behind a real proxy.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from accounts.models import User
from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]
SESSIONS = "/api/auth/sessions"
ADDRESS = "203.0.113.7"


def test_headers_bodies_and_paths_arrive_as_they_are(alice: Caller) -> None:
    tasks = f"{alice.tasks}?x=a%20b&y=ä%C3%A4&z=%22"
    made = alice.post(tasks, {"title": "Smørrebrød ☕"}, X_Request_ID="of-mine", User_Agent="Zoë")

    assert made.status == 201, made
    assert made.json["title"] == "Smørrebrød ☕"
    assert made.headers["X-Request-ID"] == "of-mine"
    assert made.headers["Location"] == f"{alice.tasks}/{made.json['id']}"
    assert alice.get(made.headers["Location"].replace("-", "%2D")).json["title"] == "Smørrebrød ☕"
    assert [task["id"] for task in alice.get(f"{alice.tasks}?search=smørre").json["data"]] == [made.json["id"]]
    assert alice.get(f"{alice.tasks}/%C3%A4").is_problem(404, "task_not_found")


def test_an_answer_without_a_body_has_none(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    whole = alice.get(path)

    head = alice.send("HEAD", path)
    unchanged = alice.get(path, If_None_Match=whole.headers["ETag"])

    assert (head.status, head.content, int(head.headers["Content-Length"])) == (200, b"", len(whole.content))
    assert (unchanged.status, unchanged.content) == (304, b"")


def test_no_header_is_lost_or_made_up(alice: Caller) -> None:
    answer = alice.get("/api/auth/me")

    assert {"Content-Length", "Content-Type", "Vary", "X-Request-ID", "RateLimit-Limit"} <= set(answer.headers)
    assert not {"Connection", "Date", "Server", "Set-Cookie", "Transfer-Encoding"} & set(answer.headers)


def test_what_is_large_comes_whole(alice: Caller) -> None:
    texts = [f"{number:03} {'Ω' * 900}" for number in range(100)]
    operations = [{"op": "create", "data": {"title": "Long", "description": text}} for text in texts]

    assert alice.post(f"{alice.tasks}/bulk", {"operations": operations}).status == 200
    assert sorted(task["description"] for task in alice.get(alice.tasks).json["data"]) == texts
    assert alice.post(alice.tasks, {"title": "x" * 1_000_000}).is_problem(422, "invalid")


def test_the_client_is_who_it_says_and_nobody_it_makes_up(anonymous: Caller) -> None:
    person = {"email": "carol@example.com", "password": "correct horse battery"}
    anonymous.client.defaults["REMOTE_ADDR"] = ADDRESS

    token = anonymous.post("/api/auth/signup", person, X_Forwarded_For="192.0.2.9, 192.0.2.8").json["access_token"]

    (session,) = anonymous.get(SESSIONS, Authorization=f"Bearer {token}").json["data"]
    assert session["address"] == ADDRESS


@pytest.mark.names_no_owner("staff look at everybody's")
def test_pages_have_their_cookies_and_forms_are_taken(make_user: Callable[..., User]) -> None:
    admin = make_user("staff@example.com", role="admin")
    admin.set_password("correct horse battery")
    admin.save()
    form = {"username": admin.email, "password": "correct horse battery"}
    browser, strict = Client(), Client(enforce_csrf_checks=True)

    answer = browser.post("/admin/login/?next=/admin/tasks/task/", form)

    assert answer["Location"] == "/admin/tasks/task/"
    cookie = browser.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert isinstance(cookie["max-age"], int)
    assert browser.get("/admin/", follow=True).status_code == 200
    assert strict.post("/admin/login/", form).status_code == 403


@pytest.mark.names_no_owner("staff look at everybody's")
def test_a_stream_is_one(admin: Caller) -> None:
    browser: Any = Client()
    browser.force_login(admin.user)

    answer = browser.post("/admin/accounts/user/csv/")

    assert isinstance(answer, StreamingHttpResponse)
    assert b"admin@example.com" in answer.getvalue()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_each_their_own(alice: Caller) -> None:
    def create(title: str) -> str:
        answer = alice.post(alice.tasks, {"title": title})
        assert answer.status == 201, answer
        return str(answer.json["title"])

    titles = [f"Task {number}" for number in range(16)]

    assert in_parallel([lambda title=title: create(title) for title in titles]) == titles  # type: ignore[misc] # of the loop
    assert len(alice.get(alice.tasks).json["data"]) == 16
