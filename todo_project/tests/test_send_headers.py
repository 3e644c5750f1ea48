"""The headers of each kind of answer: no more of them, no fewer, none of another value."""

from typing import Any, Final

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from staff.middleware import POLICY
from testing.callers import Answer, Caller
from todo_project import docs

pytestmark = pytest.mark.once

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
UNFRAMED: Final = FIXED | {"X-Frame-Options": "DENY"}
JSON: Final = {"Content-Type": "application/json", "Vary": "origin"}
PROBLEM: Final = {"Content-Type": "application/problem+json", "Vary": "origin"}
PAGE: Final = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
OF_LOGIN: Final = "OPTIONS, POST"
OF_ME: Final = "GET, PATCH, DELETE, HEAD, OPTIONS"
FILE: Final = "/static/admin/css/base.css"
# Of one request or one day; their values are held elsewhere.
OWN: Final = {"Content-Length", "X-Request-ID", "ETag", "Last-Modified", "Expires", "Link"}


def told(answer: Answer) -> dict[str, str]:
    assert "X-Request-ID" in answer.headers
    assert ("Content-Length" in answer.headers) == (answer.status != 204)
    return {name: value for name, value in answer.headers.items() if name not in OWN}


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/", 200, JSON | FIXED | {"Allow": "GET, HEAD, OPTIONS"}),
        ("GET", "/health", 200, JSON),
        ("GET", "/openapi.json", 200, JSON | UNFRAMED),
        ("GET", "/docs", 200, PAGE | UNFRAMED | {"Content-Security-Policy": docs.POLICY, "Vary": "origin"}),
        ("POST", "/docs", 405, PROBLEM | {"Allow": "GET, HEAD"}),
        ("GET", "/nothing", 404, PROBLEM | UNFRAMED),
        ("GET", "/api/auth/me", 401, PROBLEM | UNFRAMED | {"Allow": OF_ME, "WWW-Authenticate": "Bearer"}),
        ("GET", "/api/auth/me/", 401, PROBLEM | UNFRAMED | {"Allow": OF_ME, "WWW-Authenticate": "Bearer"}),
        ("OPTIONS", "/api/auth/login", 204, UNFRAMED | {"Allow": OF_LOGIN, "Vary": "origin"}),
        ("GET", "/static/nothing", 404, PROBLEM | UNFRAMED),
        ("PUT", FILE, 405, PROBLEM | {"Allow": "GET, HEAD"}),
        ("OPTIONS", FILE, 204, {"Allow": "GET, HEAD, OPTIONS", "Vary": "origin"}),
    ],
)
def test_what_an_answer_tells_beside_its_body(
    anonymous: Caller, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = anonymous.send(method, path)

    if status == 204:
        del answer.headers["Content-Type"]
    assert (answer.status, told(answer)) == (status, headers)


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "evil.example.com"])
def test_a_file_is_anybodys_by_whatever_host(host: str) -> None:
    answer = Client().get(FILE, headers={"Host": host})

    answer.close()
    assert answer.status_code == 200
    assert {name: value for name, value in answer.headers.items() if name not in OWN} == FIXED | {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "max-age=60, public",
        "Content-Type": 'text/css; charset="utf-8"',
        "Vary": "origin",
    }


def test_an_answer_to_a_caller_tells_of_the_limit_too(alice: Caller) -> None:
    allow = {"Allow": "GET, POST, HEAD, OPTIONS"}
    counted = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}

    for answer in (alice.get(alice.tasks), alice.send("HEAD", alice.tasks)):
        assert (answer.status, counted - set(answer.headers)) == (200, set())
        headers = {name: value for name, value in told(answer).items() if name not in counted}
        assert headers == JSON | UNFRAMED | allow


def test_the_staff_site_tells_browsers_what_its_pages_may_do(anonymous: Caller) -> None:
    kept_nowhere = {"Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private"}

    login = anonymous.get("/admin/login/")

    assert (login.status, told(login)) == (200, PAGE | UNFRAMED | kept_nowhere | {"Vary": "Cookie"})


@pytest.mark.parametrize("cookie", ["csrftoken=none", "csrftoken=" + "a" * 32, "sessionid=x"])
def test_only_the_staff_site_looks_at_cookies_and_sets_them(cookie: str) -> None:
    page = Client().get("/admin/login/", headers={"Cookie": cookie})
    answer = Client().get("/api/auth/me", headers={"Cookie": cookie})

    assert "csrftoken" in page.cookies
    assert (answer.status_code, answer.headers["Vary"], dict(answer.cookies)) == (401, "origin", {})


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/docs", "/api/auth/me", "/api/tasks/", "/nothing", "/static/nothing"])
def test_a_host_that_is_not_ours_is_refused_before_anything_else(anonymous: Caller, method: str, path: str) -> None:
    answer = anonymous.send(method, path, Host="evil.example.com")

    assert answer.is_problem(400, "bad_request")
    assert told(answer) == PROBLEM | FIXED


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/login/", "/admin/nothing/"])
def test_a_host_that_is_not_ours_is_refused_on_the_staff_site_too(anonymous: Caller, path: str) -> None:
    answer = anonymous.get(path, Host="evil.example.com")

    assert answer.is_problem(400, "bad_request")
    assert told(answer) == FIXED | {"Content-Type": "application/problem+json", "Content-Security-Policy": POLICY}


def test_what_is_refused_before_the_path_is_looked_at_has_none_of_them(anonymous: Caller) -> None:
    answer = anonymous.post("/api/auth/login", b"{}", Content_Encoding="gzip")

    assert (answer.status, told(answer)) == (415, PROBLEM | {"Accept-Encoding": "identity"})


def test_a_form_of_the_staff_site_needs_the_token_of_its_page(anonymous: Caller) -> None:
    page = Client(enforce_csrf_checks=True)
    form: dict[str, Any] = {"username": "a@example.com", "password": "x"}

    assert page.post("/admin/login/", form).status_code == 403
    form["csrfmiddlewaretoken"] = page.get("/admin/login/").context["csrf_token"]
    assert page.post("/admin/login/", form, headers={"Origin": "https://evil.example.com"}).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
)
def test_djangos_own_stand_around_the_staff_site(name: str) -> None:
    """Its check before a deployment looks for the last by its own name only."""
    classes = [import_string(path) for path in settings.MIDDLEWARE]

    assert sum(issubclass(each, import_string(name)) for each in classes) == 1
