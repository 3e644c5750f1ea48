"""What the real Better Auth issues works here; what it signs for itself does not."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.tokens import key_fetching
from e2e.better_auth.conftest import SECRET, StartBetterAuth
from testing.callers import Answer
from testing.issuers import bearer
from testing.service import wait_until

pytestmark = pytest.mark.once


def me(token: str) -> Answer:
    return bearer(token).get("/api/auth/me")


def header(token: str) -> Any:
    segment = token.split(".")[0]
    return json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


@pytest.mark.parametrize(
    ("configured", "algorithm"), [("default", "EdDSA"), ("ES256", "ES256"), ("RS256", "RS256"), ("PS256", "PS256")]
)
def test_a_person_of_better_auth_has_tasks_here(
    start_better_auth: StartBetterAuth, configured: str, algorithm: str
) -> None:
    server = start_better_auth(configured)
    ada = server.sign_up("ada@example.com")
    token = ada.access_token()
    caller = bearer(token)

    assert header(token)["alg"] == algorithm
    assert caller.post(f"/api/{ada.id}/tasks", {"title": "Buy milk"}).status == 201
    assert [task["title"] for task in caller.get(f"/api/{ada.id}/tasks").json["data"]] == ["Buy milk"]
    user = User.objects.get()
    assert (user.id, user.email, user.name, user.issuer) == (ada.id, "ada@example.com", "Ada", server.origin)


def test_two_people_see_their_own_tasks_only(start_better_auth: StartBetterAuth) -> None:
    server = start_better_auth()
    ada, ben = server.sign_up("ada@example.com"), server.sign_up("ben@example.com", "Ben")
    bearer(ada.access_token()).post(f"/api/{ada.id}/tasks", {"title": "Buy milk"})

    caller = bearer(ben.access_token())

    assert caller.get(f"/api/{ada.id}/tasks").is_problem(403, "forbidden")
    assert caller.get(f"/api/{ben.id}/tasks").json["data"] == []


def test_a_rotated_key_works_within_thirty_seconds_and_the_old_one_goes_on(start_better_auth: StartBetterAuth) -> None:
    server = start_better_auth()
    ada = server.sign_up("ada@example.com")
    old = ada.access_token()
    assert me(old).status == 200
    server.expire_keys()

    new = ada.access_token()

    assert header(new)["kid"] != header(old)["kid"]
    wait_until(lambda: me(new).status == 200, seconds=30)
    assert me(old).status == 200


def test_known_keys_outlive_better_auth_also_after_a_restart_of_ours(start_better_auth: StartBetterAuth) -> None:
    server = start_better_auth()
    token = server.sign_up("ada@example.com").access_token()
    assert me(token).status == 200
    server.stop()

    assert me(token).status == 200
    key_fetching.forget()
    assert me(token).status == 200


def test_without_known_keys_a_stopped_better_auth_is_503(start_better_auth: StartBetterAuth) -> None:
    server = start_better_auth()
    token = server.sign_up("ada@example.com").access_token()
    server.stop()

    assert me(token).is_problem(503, "issuer_unavailable")


def test_a_new_name_there_is_the_name_here(start_better_auth: StartBetterAuth) -> None:
    ada = start_better_auth().sign_up("ada@example.com")
    assert me(ada.access_token()).json["name"] == "Ada"
    ada.rename("Ada Lovelace")

    assert me(ada.access_token()).json["name"] == "Ada Lovelace"


def test_a_token_of_the_shared_secret_is_the_same_person(
    start_better_auth: StartBetterAuth, settings: Settings
) -> None:
    server = start_better_auth()
    settings.BETTER_AUTH_SECRET = SECRET
    ada = server.sign_up("ada@example.com")
    token = ada.shared_secret_token()

    assert header(token) == {"alg": "HS256"}
    assert me(token).json["id"] == me(ada.access_token()).json["id"] == ada.id
    assert User.objects.get().issuer == server.origin


def test_the_shared_secret_alone_needs_no_issuer(start_better_auth: StartBetterAuth, settings: Settings) -> None:
    ada = start_better_auth().sign_up("ada@example.com")
    settings.JWKS_URL = settings.BETTER_AUTH_ORIGIN = settings.JWT_ISSUER = None
    settings.BETTER_AUTH_SECRET = SECRET

    assert me(ada.shared_secret_token()).json["id"] == ada.id
    assert me(ada.access_token()).is_problem(401, "token_invalid")
    assert User.objects.get().issuer == "better-auth"


@pytest.mark.parametrize("cookies", [(), ("cookie-jwks",)], ids=["shared-secret", "key-set"])
def test_what_better_auth_signs_for_itself_is_no_access_token(
    start_better_auth: StartBetterAuth, settings: Settings, cookies: tuple[str, ...]
) -> None:
    server = start_better_auth("default", *cookies)
    settings.BETTER_AUTH_SECRET = SECRET
    ada = server.sign_up("ada@example.com")
    cookie_cache, (verification,) = ada.cookies["better-auth.session_data"], server.outbox()

    assert header(cookie_cache)["alg"] == ("EdDSA" if cookies else "HS256")
    assert header(verification)["alg"] == "HS256"
    for token in (cookie_cache, verification, ada.cookies["better-auth.session_token"]):
        assert me(token).is_problem(401, "token_invalid")
    assert not User.objects.exists()
