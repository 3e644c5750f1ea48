"""What the security log holds after each thing that happens."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts import passwords, roles, security_log, services
from accounts.models import AuthEvent, User
from core.errors import Conflict
from core.limits.allowances import Rate
from testing.callers import CLIENT, Caller, open_session
from testing.issuers import Issuer, bearer

PASSWORD = "correct horse battery"
CREDENTIALS = {"email": "carol@example.com", "password": PASSWORD}


# Changes that the security log tells of.
CHANGES: dict[str, Callable[[User], object]] = {
    "promotion": lambda user: roles.promote_admin(user, CLIENT),
    "demotion": lambda user: roles.demote_admin(user, CLIENT),
    "disabling": lambda user: roles.disable_user(user, CLIENT),
    "enabling": lambda user: roles.enable_user(user, CLIENT),
    "deletion": lambda user: services.delete_account(user, client=CLIENT),
    "password": lambda user: passwords.change_password(
        user, current=PASSWORD, new="another good one", client=CLIENT, session_id=None
    ),
}


def kinds() -> list[str]:
    return list(AuthEvent.objects.order_by("created_at", "id").values_list("kind", flat=True))


def test_the_life_of_an_account(anonymous: Caller) -> None:
    pair = anonymous.post("/api/auth/signup", CREDENTIALS, User_Agent="Browser", X_Request_ID="first").json
    pair = anonymous.post("/api/auth/refresh", {"refresh_token": pair["refresh_token"]}).json
    anonymous.post("/api/auth/login", CREDENTIALS)
    anonymous.post("/api/auth/logout", {"refresh_token": pair["refresh_token"]})

    assert kinds() == ["signup", "refresh", "login", "logout"]
    events = AuthEvent.objects.order_by("created_at")
    assert {event.subject for event in events} == {pair["user"]["id"]}
    assert (events[0].address, events[0].user_agent, events[0].request_id) == ("127.0.0.1", "Browser", "first")
    assert all(event.success for event in events)


@pytest.mark.django_db
def test_events_are_counted_once_they_stand(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(security_log, "EVENTS", SimpleNamespace(count=counted.append))

    with django_capture_on_commit_callbacks(execute=True):
        security_log.record(AuthEvent.Kind.LOGIN, CLIENT, subject="1")
        assert counted == []
    security_log.count(AuthEvent.Kind.THROTTLED, CLIENT, reason="throttled")

    assert counted == ["login", "throttled"]


def test_an_email_that_was_tried_is_kept_only_as_a_keyed_hash(anonymous: Caller) -> None:
    for _ in range(2):
        anonymous.post("/api/auth/login", {"email": "Nobody@example.com", "password": "my secret"})

    first, second = AuthEvent.objects.all()
    assert first.kind == second.kind == "login_failed"
    assert first.subject == second.subject != ""
    assert not first.success
    stored = str(list(AuthEvent.objects.values())).lower()
    assert "nobody" not in stored
    assert "my secret" not in stored


def test_failures_of_an_account_are_found_by_its_id(anonymous: Caller, make_user: Any) -> None:
    user = make_user("carol@example.com", is_active=False)
    # Even the right one.
    user.set_password(CREDENTIALS["password"])
    user.save()

    anonymous.post("/api/auth/login", CREDENTIALS)

    event = AuthEvent.objects.get()
    assert (event.subject, event.reason) == (user.id, "disabled")


def test_throttled_calls_are_one_row_an_address_and_minute(anonymous: Caller, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(1, 60)
    answers = [anonymous.post("/api/auth/login", {}) for _ in range(8)]

    assert [answer.status for answer in answers] == [422] + [429] * 7
    rows = AuthEvent.objects.filter(kind="throttled", address="127.0.0.1")
    assert sum(row.count for row in rows) == 7
    # Two, if the minute has changed meanwhile.
    assert len(rows) <= 2


@pytest.mark.django_db
def test_a_minute_begins_at_its_first_microsecond(monkeypatch: pytest.MonkeyPatch) -> None:
    minute = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    for moment in (timedelta(microseconds=-1), timedelta(), timedelta(seconds=59, microseconds=999_999)):
        monkeypatch.setattr(security_log, "timezone", SimpleNamespace(now=lambda moment=moment: minute + moment))
        security_log.count(AuthEvent.Kind.THROTTLED, CLIENT, reason="throttled")

    rows = AuthEvent.objects.order_by("minute").values_list("minute", "count")
    assert list(rows) == [(minute - timedelta(minutes=1), 1), (minute, 2)]


def test_refused_outside_tokens_are_one_row_an_address_and_minute(issuer: Issuer) -> None:
    good, bad = issuer.token(), issuer.token(iss="https://evil.example.com")
    bearer(good).get("/api/auth/me")
    for _ in range(5):
        assert bearer(bad).get("/api/auth/me").is_problem(401)

    rows = AuthEvent.objects.filter(kind="token_refused")
    assert sum(row.count for row in rows) == 5
    assert len(rows) <= 2
    assert {row.reason for row in rows} == {"token_invalid"}


def test_a_token_in_our_name_is_ours_by_its_algorithm_too(issuer: Issuer) -> None:
    """Another kind of signature is the key set's to verify, whatever name it has."""
    assert bearer(issuer.token(iss="todo-backend")).get("/api/auth/me").is_problem(401, "token_invalid")

    assert AuthEvent.objects.get().reason == "token_invalid"


def test_what_is_no_token_at_all_writes_nothing(anonymous: Caller) -> None:
    anonymous.get("/api/auth/me", Authorization="Bearer a.b.c")

    assert kinds() == []


@pytest.mark.parametrize("door", ["me", "logout", "logout by refresh token", "refresh"])
def test_tokens_forged_in_our_name_are_one_row_an_address_and_minute(alice: Caller, door: str) -> None:
    pair = open_session(alice.user)
    # One that is good but for its signature, and one of another kind than is asked for.
    access, refresh = f"{pair.access[:-8]}AAAAAAAA", f"{pair.refresh[:-8]}AAAAAAAA"
    for text in (access, refresh):
        answer = {
            "me": lambda text=text: Caller().get("/api/auth/me", Authorization=f"Bearer {text}"),
            "logout": lambda text=text: Caller().post("/api/auth/logout", Authorization=f"Bearer {text}"),
            "logout by refresh token": lambda text=text: Caller().post("/api/auth/logout", {"refresh_token": text}),
            "refresh": lambda text=text: Caller().post("/api/auth/refresh", {"refresh_token": text}),
        }[door]()
        assert answer.is_problem(401, "token_invalid")

    rows = AuthEvent.objects.filter(kind="token_refused")
    assert sum(row.count for row in rows) == 2
    assert {(row.reason, row.success) for row in rows} == {("forged", False)}


def test_a_token_of_ours_that_has_expired_writes_nothing(alice: Caller, settings: Settings) -> None:
    with patch("rest_framework_simplejwt.tokens.aware_utcnow", lambda: timezone.now() - timedelta(days=40)):
        old = open_session(alice.user)

    assert alice.get("/api/auth/me", Authorization=f"Bearer {old.access}").is_problem(401, "token_expired")
    assert kinds() == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("admin")
def test_a_change_that_cannot_be_written_down_does_not_stand(make_user: Callable[..., User], change: str) -> None:
    role = "user" if change == "promotion" else "admin"
    user = make_user("carol@example.com", role=role, is_active=change != "enabling")
    before = User.objects.filter(id=user.id).values().get()

    with patch.object(AuthEvent.objects, "create", side_effect=DatabaseError), pytest.raises(DatabaseError):
        CHANGES[change](user)

    assert User.objects.filter(id=user.id).values().get() == before


def test_a_demotion_that_is_undone_leaves_no_event(admin: Caller, make_user: Callable[..., User]) -> None:
    user = make_user("carol@example.com", role="admin")

    with patch.object(roles, "disable_user", side_effect=Conflict("last_admin")):
        answer = admin.patch(f"/api/admin/users/{user.id}", {"role": "user", "is_active": False})

    assert answer.is_problem(409, "last_admin")
    assert (User.objects.get(id=user.id).role, kinds()) == ("admin", [])


def test_a_failure_is_not_written_where_it_could_be_undone(db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        security_log.record_failure(AuthEvent.Kind.LOGIN_FAILED, CLIENT, subject="1")


@pytest.mark.parametrize("agent", ["é", "x" * 1000, "a\x01b", ""])
def test_an_odd_user_agent_is_no_obstacle(anonymous: Caller, agent: str) -> None:
    assert anonymous.post("/api/auth/signup", CREDENTIALS, User_Agent=agent).status == 201
