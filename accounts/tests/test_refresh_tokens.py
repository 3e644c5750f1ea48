import pytest

from accounts.models import User
from accounts.tokens import mint_pair
from testing.callers import Caller

REFRESH = "/api/auth/refresh"


def test_a_refresh_token_gives_a_new_pair(alice: Caller, anonymous: Caller) -> None:
    old = mint_pair(alice.user)

    answer = anonymous.post(REFRESH, {"refresh_token": old.refresh})

    assert answer.status == 200
    assert answer.json["user"]["id"] == alice.id
    assert answer.json["refresh_token"] != old.refresh
    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {answer.json['access_token']}").status == 200


def test_an_access_token_is_no_refresh_token_and_the_reverse(alice: Caller, anonymous: Caller) -> None:
    pair = mint_pair(alice.user)

    assert anonymous.post(REFRESH, {"refresh_token": pair.access}).is_problem(401, "token_invalid")
    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {pair.refresh}").is_problem(401, "token_invalid")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * 9000])
def test_what_is_no_token_is_refused(anonymous: Caller, token: str) -> None:
    answer = anonymous.post(REFRESH, {"refresh_token": token})

    assert answer.is_problem(422 if token == "" else 401)


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": 5}])
def test_a_missing_token_or_wrong_type_is_422(anonymous: Caller, body: object) -> None:
    assert anonymous.post(REFRESH, body).is_problem(422, "invalid")


def test_a_disabled_users_tokens_are_refused(alice: Caller, anonymous: Caller) -> None:
    pair = mint_pair(alice.user)
    User.objects.filter(id=alice.id).update(is_active=False)

    assert anonymous.post(REFRESH, {"refresh_token": pair.refresh}).is_problem(401, "token_invalid")
    assert alice.get("/api/auth/me").is_problem(401, "token_invalid")
