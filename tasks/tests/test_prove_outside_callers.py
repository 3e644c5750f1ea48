"""Callers whom another issuer vouches for are proven by their one statement too (``core.sql.owned``)."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import cutoffs
from accounts.models import User
from accounts.tokens import key_fetching
from core.sql.statements import is_distributed
from tasks.models import Task
from testing.callers import Answer, Caller
from testing.issuers import Issuer, bearer

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

TASKS = "/api/auth0|7/tasks"


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    issuer = Issuer()
    settings.JWKS_URL = issuer.jwks_url
    settings.BETTER_AUTH_ORIGIN = settings.JWT_ISSUER = settings.JWT_AUDIENCE = issuer.origin
    key_fetching.forget()
    yield issuer
    issuer.stop()
    key_fetching.forget()


@pytest.fixture
def call(issuer: Issuer) -> Callable[..., Caller]:
    def make(**claims: Any) -> Caller:
        return bearer(issuer.token(**{"sub": "auth0|7", "email": "ada@example.com", "name": "Ada", **claims}))

    return make


def asked(send: Callable[[], Answer]) -> tuple[Answer, list[str]]:
    with CaptureQueriesContext(connection) as queries:
        answer = send()
    return answer, [query["sql"] for query in queries.captured_queries]


def is_refused(caller: Caller) -> bool:
    """With every kind of statement; nothing is changed."""
    task = f"{TASKS}/{Task.objects.get(user_id='auth0|7').id}"
    answers = (
        caller.get(TASKS),
        caller.get(task),
        caller.post(TASKS, {"title": "New"}),
        caller.patch(task, {"title": "Changed"}),
        caller.delete(task),
        caller.get(f"{TASKS}/no-uuid"),
        caller.get("/api/somebody-else/tasks"),
    )
    assert list(Task.objects.filter(user_id="auth0|7").values_list("title", flat=True)) == ["Theirs"]
    return all(answer.is_problem(401, "token_invalid") for answer in answers)


def test_the_first_token_makes_its_user_and_the_next_is_one_round_trip(call: Callable[..., Caller]) -> None:
    caller = call()

    assert caller.post(TASKS, {"title": "Theirs"}).status == 201

    for send in (lambda: caller.get(TASKS), lambda: caller.post(TASKS, {"title": "Another"})):
        answer, statements = asked(send)
        assert answer.status in (200, 201)
        assert len(statements) == 1


@pytest.mark.parametrize("path", ["/api/somebody-else/tasks", f"{TASKS}/no-uuid", f"{TASKS}?limit=x"])
def test_the_first_token_makes_its_user_also_where_its_request_is_refused(
    call: Callable[..., Caller], path: str
) -> None:
    assert call().get(path).status in (403, 404, 422)

    assert User.objects.filter(id="auth0|7").exists()


def test_a_token_that_has_logged_out_is_refused(call: Callable[..., Caller]) -> None:
    caller = call()
    assert caller.post(TASKS, {"title": "Theirs"}).status == 201
    assert caller.post("/api/auth/logout").status == 200

    assert is_refused(caller)


def test_a_token_from_before_a_cut_off_is_refused(call: Callable[..., Caller]) -> None:
    caller = call()
    assert caller.post(TASKS, {"title": "Theirs"}).status == 201
    cutoffs.refuse_until_now("auth0|7")

    assert is_refused(caller)


def test_one_who_was_disabled_is_refused(call: Callable[..., Caller]) -> None:
    caller = call()
    assert caller.post(TASKS, {"title": "Theirs"}).status == 201
    User.objects.filter(id="auth0|7").update(is_active=False)

    assert is_refused(caller)


def test_another_issuers_user_of_the_same_id_is_refused(call: Callable[..., Caller]) -> None:
    caller = call()
    assert caller.post(TASKS, {"title": "Theirs"}).status == 201
    User.objects.filter(id="auth0|7").update(issuer="https://other.example.com")

    assert is_refused(caller)


def test_a_changed_email_is_followed_once(call: Callable[..., Caller]) -> None:
    assert call().post(TASKS, {"title": "Theirs"}).status == 201
    User.objects.filter(id="auth0|7").update(followed_at=timezone.now() - timedelta(hours=1))
    renamed = call(email="lovelace@example.com", iat=int(time.time()))

    assert [task["title"] for task in renamed.get(TASKS).json["data"]] == ["Theirs"]
    assert User.objects.get(id="auth0|7").email == "lovelace@example.com"
    statements = asked(lambda: renamed.get(TASKS))[1]
    assert not any("UPDATE" in statement for statement in statements)
    # With Citus they are proven ahead.
    assert is_distributed() or len(statements) == 1
