"""What personal tokens open, by their scopes: every route and method of ``test_isolation.EXPECTED``."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuthEvent, PersonalToken
from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Answer, Caller, make_token
from testing.issuers import bearer
from todo_project.tests.test_isolation import EXPECTED, filled

MakeTask = Callable[..., Task]

READ: Final = {"tasks:read"}
WRITE: Final = {"tasks:write"}
CHAT: Final = {"chat"}
ALL: Final = READ | WRITE | CHAT
SETS: Final = [set(scopes) for size in (1, 2, 3) for scopes in combinations(sorted(ALL), size)]
PUBLIC: Final = {
    "api/auth/signup",
    "api/auth/login",
    "api/auth/refresh",
    "api/auth/password/forgot",
    "api/auth/password/reset",
    "api/auth/email/confirm",
}
# Some of the account's paths are there only where mail is sent.
pytestmark = pytest.mark.usefixtures("mail_server")


def needed(route: str, method: str) -> set[str] | None:
    """None: no scope opens it."""
    if route.startswith(("api/auth/", "api/admin/")):
        return None
    rooms = set(route.split("/"))
    if rooms & {"chat", "chatkit", "confirm"} and method == "POST":
        return ALL
    if rooms & {"chat", "conversations"}:
        return CHAT
    return READ if method == "GET" else WRITE


CASES: Final = [
    (route, method)
    for route, methods in EXPECTED.items()
    for method in methods
    if route.startswith("api/") and route not in PUBLIC
]


@pytest.mark.parametrize(("route", "method"), CASES)
def test_each_route_opens_to_its_scopes_alone(alice: Caller, make_task: MakeTask, route: str, method: str) -> None:
    task = make_task(alice)
    path = "/" + filled(route, alice, task)
    scopes = needed(route, method)
    tokens = {frozenset(held): make_token(alice.user, *held) for held in SETS}
    short = [token for held, token in tokens.items() if scopes is None or not held >= scopes]

    for token in short:
        answer = bearer(token).send(method, path)
        assert answer.is_problem(403, "insufficient_scope"), (route, method, answer)
        scope = f', scope="{" ".join(sorted(scopes))}"' if scopes else ""
        assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope"{scope}'
    assert Task.objects.visible_to(alice.user).get().version == 1
    if scopes:
        answer = bearer(tokens[frozenset(scopes)]).send(method, path)
        assert answer.status in (200, 201, 204, 404, 422), (route, method, answer)


@pytest.mark.parametrize(("route", "method"), CASES)
def test_one_that_ended_is_401_before_all_else(alice: Caller, make_task: MakeTask, route: str, method: str) -> None:
    path = "/" + filled(route, alice, make_task(alice))
    revoked, short, expired = (make_token(alice.user, *scopes) for scopes in (ALL, CHAT, ALL))
    tokens = PersonalToken.objects.filter(user_id=alice.id).order_by("-id")
    tokens.filter(id=tokens[0].id).update(expires_at=timezone.now() - timedelta(seconds=1))
    tokens.filter(expires_at=None).delete()

    assert bearer(revoked).send(method, path).is_problem(401, "token_invalid")
    assert bearer(short).send(method, path).is_problem(401, "token_invalid")
    assert bearer(expired).send(method, path).is_problem(401, "token_expired")


@pytest.mark.parametrize(
    "route", [route for route in EXPECTED if route.startswith("api/{user_id}") and "confirm" not in route]
)
def test_another_persons_are_403(alice: Caller, bob: Caller, make_task: MakeTask, route: str) -> None:
    path = "/" + filled(route, alice, make_task(alice))
    program = bearer(make_token(bob.user))

    for method in EXPECTED[route]:
        assert program.send(method, path).is_problem(403, "forbidden"), (route, method)
    assert Task.objects.visible_to(alice.user).get().version == 1


def test_a_method_that_is_not_there_is_405(alice: Caller) -> None:
    assert bearer(make_token(alice.user, "chat")).send("PUT", alice.tasks).is_problem(405, "method_not_allowed")


def test_an_admins_opens_no_more(admin: Caller, alice: Caller) -> None:
    program = bearer(make_token(admin.user))

    assert program.get("/api/admin/users").is_problem(403, "insufficient_scope")
    assert program.get(alice.tasks).is_problem(403, "forbidden")
    assert program.get(admin.tasks).status == 200


def test_it_ends_no_session_and_makes_no_token(alice: Caller) -> None:
    token = make_token(alice.user)
    program = bearer(token)

    for path in ("/api/auth/logout", "/api/auth/logout-all", "/api/auth/tokens", "/api/v1/auth/tokens/"):
        assert program.post(path, {"name": "more", "scopes": ["chat"]}).is_problem(403, "insufficient_scope")
    assert program.delete("/api/auth/me", {}).is_problem(403, "insufficient_scope")
    assert alice.get("/api/auth/me").status == 200
    assert PersonalToken.objects.filter(user_id=alice.id).count() == 1


def test_it_counts_in_a_header_alone(alice: Caller, anonymous: Caller) -> None:
    token = make_token(alice.user)

    for query in (f"access_token={token}", f"token={token}"):
        assert anonymous.get(f"{alice.tasks}?{query}").is_problem(401, "not_authenticated")
    assert anonymous.get(alice.tasks, Cookie=f"token={token}").is_problem(401)
    assert anonymous.get(alice.tasks, Authorization=f"Basic {token}").is_problem(401)
    assert anonymous.post("/api/auth/refresh", {"refresh_token": token}).is_problem(401, "token_invalid")


def test_the_general_limit_is_the_users_whatever_they_come_with(alice: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(2, 60)
    first, second = (bearer(make_token(alice.user)) for _ in range(2))

    statuses = [caller.get(alice.tasks).status for caller in (first, second, alice)]

    assert statuses == [200, 200, 429]


def test_what_is_made_up_is_counted_against_nobody(alice: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(2, 60)
    good = make_token(alice.user)
    for _ in range(5):
        assert bearer(f"{good[:-60]}{'A' * 60}").get(alice.tasks).status == 401

    assert alice.get(alice.tasks).status == 200
    assert AuthEvent.objects.filter(kind="token_refused").values_list("reason", "count").get() == ("forged", 5)


@pytest.mark.parametrize("path", ["/api/tasks", "/api/tasks?search=milk"])
def test_who_calls_is_one_look_or_a_part_of_one(alice: Caller, path: str) -> None:
    program = bearer(make_token(alice.user))
    assert program.get(path).status == 200

    def queries(send: Callable[[str], Answer]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert send(path).status == 200
        return len(captured)

    assert queries(program.get) == queries(alice.get)
