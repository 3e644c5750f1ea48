"""Users made from outside tokens."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import roles
from accounts.models import User
from accounts.tokens import provisioning
from accounts.tokens.identity import OutsideIdentity
from testing.callers import Caller, in_parallel
from testing.issuers import Issuer, bearer


def me(issuer: Issuer, **claims: Any) -> Any:
    answer = bearer(issuer.token(**claims)).get("/api/auth/me")
    assert answer.status == 200
    return answer.json


def test_the_first_token_makes_the_user(issuer: Issuer) -> None:
    answer = me(issuer, sub="auth0|123", email="Ada@Example.com", name=" Ada ", role="admin,user")

    user = User.objects.get()
    assert answer["id"] == user.id == "auth0|123"
    assert (answer["email"], answer["name"], answer["role"]) == ("ada@example.com", "Ada", "user")
    assert user.issuer == issuer.origin
    assert not user.has_usable_password()


def test_the_caller_owns_tasks_under_exactly_their_id(issuer: Issuer) -> None:
    caller = bearer(issuer.token(sub="auth0|A.b~1"))

    assert caller.post("/api/auth0|A.b~1/tasks", {"title": "Buy milk"}).status == 201
    assert len(caller.get("/api/auth0%7CA.b~1/tasks").json["data"]) == 1
    assert caller.get("/api/auth0|a.b~1/tasks").is_problem(403, "forbidden")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_first_calls_at_once_make_one_user(issuer: Issuer) -> None:
    me(issuer, sub="warm-up")

    answers = in_parallel([lambda: me(issuer, sub="2", email="ada@example.com")] * 20)

    assert {answer["id"] for answer in answers} == {"2"}
    assert User.objects.filter(id="2").count() == 1


def test_an_outside_user_is_never_merged_with_a_local_one_of_the_same_email(issuer: Issuer, alice: Caller) -> None:
    answer = me(issuer, sub="2", email=alice.user.email, email_verified=True)

    assert answer["id"] == "2"
    assert User.objects.filter(email=alice.user.email).count() == 2
    login = {"email": alice.user.email, "password": "whatever it was"}
    assert Caller().post("/api/auth/login", login).status == 401


def test_two_outside_users_may_claim_one_email(issuer: Issuer) -> None:
    assert me(issuer, sub="1", email="a@example.com")["id"] == "1"
    assert me(issuer, sub="2", email="a@example.com")["id"] == "2"


def test_the_admin_is_named_by_an_exact_id_and_never_by_an_email(issuer: Issuer, settings: Settings) -> None:
    settings.ADMIN_USER_ID = "Root@example.com"

    assert me(issuer, sub="Root@example.com")["role"] == "admin"
    assert me(issuer, sub="root@example.com")["role"] == "user"
    assert me(issuer, sub="2", email="Root@example.com")["role"] == "user"


def test_changes_at_the_issuer_are_followed(issuer: Issuer) -> None:
    now = int(time.time())
    me(issuer, iat=now - 60, email="a@example.com", name="A")

    answer = me(issuer, iat=now - 30, email="b@example.com", name="B")

    assert (answer["email"], answer["name"]) == ("b@example.com", "B")


def test_a_token_without_email_and_name_takes_nothing_away(issuer: Issuer) -> None:
    me(issuer, email="a@example.com", name="A")

    answer = me(issuer, email=None)

    assert (answer["email"], answer["name"]) == ("a@example.com", "A")


def test_an_older_token_does_not_bring_the_old_name_back(issuer: Issuer) -> None:
    now = int(time.time())
    me(issuer, iat=now - 60, name="Old")
    me(issuer, iat=now - 30, name="New")

    assert me(issuer, iat=now - 60, name="Old")["name"] == "New"


def test_a_rename_here_stays_until_the_issuer_changes_the_name(issuer: Issuer) -> None:
    now = int(time.time())
    me(issuer, iat=now - 60, name="At the issuer")
    caller = bearer(issuer.token(name="At the issuer"))

    assert caller.patch("/api/auth/me", {"name": "Here"}).json["name"] == "Here"
    assert me(issuer, name="At the issuer")["name"] == "Here"
    assert me(issuer, name="Changed there")["name"] == "Changed there"


def test_a_call_that_changes_nothing_writes_nothing(issuer: Issuer) -> None:
    me(issuer, email="a@example.com", name="A")
    before = User.objects.values().get()

    me(issuer, email="A@example.com", name="A")

    assert User.objects.values().get() == before


@pytest.mark.parametrize(
    "odd", [1, True, ["a@example.com"], {"a": 1}, "", " ", "a\0@example.com", "\ud800", "x" * 300, "ü" * 300]
)
def test_an_odd_email_or_name_counts_as_none(issuer: Issuer, odd: object) -> None:
    answer = me(issuer, email=odd, name=odd)

    assert (answer["email"], answer["name"]) == ("", "")


@pytest.mark.parametrize(
    "email", ["not an address", "a@b", "ä@example.com", "a@münchen.example.com", f"a@{'x' * 250}.com", "İ@example.com"]
)
def test_what_is_no_email_counts_as_none(issuer: Issuer, email: str) -> None:
    assert me(issuer, email=email, name="Ada")["email"] == ""


def test_a_disabled_user_is_refused(issuer: Issuer) -> None:
    me(issuer)
    User.objects.update(is_active=False)

    assert bearer(issuer.token()).get("/api/auth/me").is_problem(401, "token_invalid")


NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)


def came(**said: Any) -> User:
    known: dict[str, Any] = {
        "email": "a@example.com",
        "name": "A",
        "issued_at": NOON,
        "expires_at": NOON,
        "token_hash": "x",
    }
    return provisioning.find_or_create(OutsideIdentity(subject="1", issuer="https://i.example", **(known | said)))


@pytest.mark.django_db
def test_what_is_followed_is_the_newest_token_of_this_user_alone() -> None:
    before = User.objects.create(id="0", issuer="https://i.example", followed_at=NOON)

    assert (came().followed_at, came().name) == (NOON, "A")
    for late, name, expected in [(-1, "B", "A"), (0, "C", "C"), (1, "D", "D"), (0, "E", "D")]:
        assert came(issued_at=NOON + timedelta(seconds=late), name=name).name == expected

    stored = User.objects.get(id="1")
    assert (stored.followed_at, stored.issuer_name, stored.email) == (NOON + timedelta(seconds=1), "D", "a@example.com")
    assert stored.updated_at > stored.created_at
    other = User.objects.get(id="0")
    assert (other.name, other.updated_at) == ("", before.updated_at)


@pytest.mark.django_db
def test_a_token_without_an_instant_is_followed_as_one_of_now() -> None:
    since = timezone.now()
    first = came(issued_at=None).followed_at
    assert first
    assert since <= first <= timezone.now()

    assert came(issued_at=None, name="B").name == "B"

    last = User.objects.get(id="1").followed_at
    assert last
    assert first < last <= timezone.now()


@pytest.mark.django_db
def test_whoever_is_made_by_two_at_once_is_the_first_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    def be_quicker(user_id: str) -> User.Role:
        User.objects.create(
            id=user_id, issuer="https://i.example", name="First", issuer_name="A", email="a@example.com"
        )
        return User.Role.USER

    monkeypatch.setattr(roles, "initial_role", be_quicker)

    assert came().name == "First"


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 1])
def test_an_email_of_254_characters_and_a_name_of_150_are_kept(more: int) -> None:
    email, name = f"{'c' * 64}@{'e' * 63}.{'e' * 63}.{'e' * (57 + more)}.com", "x" * (150 + more)

    user = came(email=email, name=name)

    assert (user.email, user.name) == (("", "") if more else (email, name))
