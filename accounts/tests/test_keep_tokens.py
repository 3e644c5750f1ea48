"""No cache keeps a token."""

import pytest

from testing.callers import Caller

CREDENTIALS = {"email": "carol@example.com", "password": "correct horse battery"}


@pytest.mark.parametrize("prefix", ["/api/auth", "/api", "/api/v1/auth"])
def test_a_token_pair_is_not_to_be_stored(anonymous: Caller, prefix: str) -> None:
    signup = anonymous.post(f"{prefix}/signup", CREDENTIALS)
    login = anonymous.post(f"{prefix}/login", CREDENTIALS)
    refresh = anonymous.post("/api/auth/refresh", {"refresh_token": login.json["refresh_token"]})

    assert (signup.status, login.status, refresh.status) == (201, 200, 200)
    assert {answer.headers["Cache-Control"] for answer in (signup, login, refresh)} == {"no-store"}
