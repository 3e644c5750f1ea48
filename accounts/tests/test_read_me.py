from datetime import timedelta
from types import SimpleNamespace

import jwt
import pytest
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken

from accounts import services
from accounts.models import User
from accounts.tokens import own
from core.errors import Unauthenticated
from testing.callers import CLIENT, Caller, open_session

PATHS = pytest.mark.parametrize("path", ["/api/auth/me", "/api/auth/me/", "/api/auth/get-session"])


@PATHS
def test_the_caller_sees_themself(alice: Caller, path: str) -> None:
    answer = alice.get(path)

    assert answer.status == 200
    user = {
        "id": alice.id,
        "email": "alice@example.com",
        "email_verified": False,
        "name": "Alice",
        "role": "user",
        "created_at": alice.user.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "usage": {
            "tasks": {"used": 0, "limit": 100_000},
            "conversations": {"used": 0, "limit": 1000},
            "sessions": {"used": 1, "limit": 100},
        },
    }
    assert answer.json == {**user, "user": user}


@PATHS
def test_anonymous_is_401(anonymous: Caller, path: str) -> None:
    assert anonymous.get(path).is_problem(401, "not_authenticated")


def test_the_caller_changes_their_name_and_nothing_else(alice: Caller) -> None:
    answer = alice.patch("/api/auth/me", {"name": " Alicia ", "email": "x@example.com", "role": "admin", "id": "x"})

    assert answer.status == 200
    assert answer.json == {**alice.get("/api/auth/me").json, "name": "Alicia"}
    stored = User.objects.get()
    assert (stored.name, stored.email, stored.role) == ("Alicia", "alice@example.com", "user")


@pytest.mark.parametrize("name", [None, 5, "x" * 151, "\x00", ["x"]])
def test_a_bad_name_is_422_and_changes_nothing(alice: Caller, name: object) -> None:
    assert alice.patch("/api/auth/me", {"name": name}).is_problem(422, "invalid")

    assert User.objects.get().name == "Alice"


def test_nothing_sent_changes_nothing(alice: Caller) -> None:
    assert alice.patch("/api/auth/me", {}).json["name"] == "Alice"


def test_an_expired_token_says_so(alice: Caller, anonymous: Caller) -> None:
    token = AccessToken.for_user(alice.user)
    token.set_exp(lifetime=timedelta(seconds=-1))

    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {token}").is_problem(401, "token_expired")


def test_a_token_that_was_good_a_moment_ago_is_remembered_until_it_expires(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_session(alice.user).access
    assert own.read_access(token).user_id == alice.id
    expires_at = jwt.decode(token, options={"verify_signature": False})["exp"]

    monkeypatch.setattr(own, "time", SimpleNamespace(time=lambda: expires_at - 0.5))
    assert own.remembered(token) == own.read_access(token)
    monkeypatch.setattr(own, "time", SimpleNamespace(time=lambda: float(expires_at)))
    assert own.remembered(token) is None


def test_no_more_tokens_are_remembered_than_there_is_room_for(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MAX_VERIFIED", 2)
    monkeypatch.setattr(own, "_verified", {})
    tokens = [open_session(alice.user).access for _ in range(3)]

    remembered = []
    for token in tokens:
        own.read_access(token)
        remembered.append([bool(own.remembered(each)) for each in tokens])

    assert remembered == [[True, False, False], [True, True, False], [False, False, True]]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer  {token}x",
        "Basic YWxpY2U6eA==",
        "{token}",
        "Bearer {token} {token}",
        "Bearer é",
    ],
)
def test_anything_but_one_good_token_is_401(alice: Caller, anonymous: Caller, header: str) -> None:
    token = alice.client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    assert anonymous.get("/api/auth/me", Authorization=header.format(token=token)).is_problem(401)


def test_the_claims_are_those_of_the_contract(alice: Caller) -> None:
    token = alice.client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"], issuer="todo-backend")

    assert claims["sub"] == claims["user_id"] == alice.id
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["jti"]


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "someone-else"},
        {"iss": None},
        {"sub": None},
        {"sub": "nobody"},
        {"token_type": "refresh"},
        {"exp": None},
    ],
)
def test_a_well_signed_token_with_other_claims_is_401(
    alice: Caller, anonymous: Caller, change: dict[str, str | None]
) -> None:
    claims = {**AccessToken.for_user(alice.user).payload, "sub": alice.id, **change}
    forged = jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, settings.SECRET_KEY, algorithm="HS256"
    )

    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {forged}").is_problem(401, "token_invalid")


def test_a_user_deleted_meanwhile_is_not_renamed(alice: Caller) -> None:
    services.delete_account(alice.user, client=CLIENT)

    with pytest.raises(Unauthenticated):
        services.rename_user(alice.user, name="Alicia")


@PATHS
def test_head_is_answered(alice: Caller, path: str) -> None:
    answer = alice.send("HEAD", path)

    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(alice.get(path).content))


def test_a_name_may_be_taken_away(alice: Caller) -> None:
    assert alice.patch("/api/auth/me", {"name": ""}).json["name"] == ""
    assert User.objects.get(id=alice.id).name == ""


def test_what_is_only_told_is_no_concern_of_a_change(alice: Caller) -> None:
    told = {"id": 5, "email": 5, "email_verified": "x", "role": 5, "created_at": "x", "usage": 5}

    assert alice.patch("/api/auth/me", {"name": "Ann", **told}).json["name"] == "Ann"
