from typing import Any
from unittest.mock import patch

import bcrypt
import pytest

from accounts.models import AuthEvent, User
from testing.callers import Caller

LOGIN = "/api/auth/login"
PASSWORD = "correct horse battery"


@pytest.fixture
def carol(make_user: Any) -> User:
    user: User = make_user("carol@example.com", name="Carol")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("email", ["carol@example.com", " Carol@EXAMPLE.com "])
def test_the_right_password_gives_tokens(anonymous: Caller, carol: User, email: str) -> None:
    answer = anonymous.post(LOGIN, {"email": email, "password": PASSWORD})

    assert answer.status == 200
    assert answer.json["user"]["id"] == carol.id
    assert anonymous.get("/api/auth/me", Authorization=f"bearer {answer.json['access_token']}").status == 200


@pytest.mark.usefixtures("roomy_auth_limit")
def test_every_refusal_has_the_same_wording(anonymous: Caller, carol: User, make_user: Any) -> None:
    disabled = make_user("off@example.com", is_active=False)
    disabled.set_password(PASSWORD)
    disabled.save()
    make_user("outside@example.com", id="o1", issuer="https://issuer.example.com")
    tries = [
        ("carol@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
        ("outside@example.com", PASSWORD),
        ("", ""),
        ("carol@example.com", f"{PASSWORD} "),
        ("x" * 5000, "y" * 5000),
    ]

    answers = [
        anonymous.post(LOGIN, {"email": email, "password": password}, X_Request_ID="same") for email, password in tries
    ]

    assert all(answer.is_problem(401, "invalid_credentials") for answer in answers)
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.real_rounds
@pytest.mark.parametrize("email", ["carol@example.com", "nobody@example.com", "outside@example.com"])
def test_every_refusal_costs_one_bcrypt_of_the_same_cost(
    anonymous: Caller, carol: User, make_user: Any, email: str
) -> None:
    make_user("outside@example.com", id="o1", issuer="https://issuer.example.com")

    with patch.object(bcrypt, "hashpw", wraps=bcrypt.hashpw) as hashpw:
        anonymous.post(LOGIN, {"email": email, "password": "wrong"})

    assert [call.args[1][:7] for call in hashpw.call_args_list] == [b"$2b$12$"]


@pytest.mark.parametrize(
    "body", [{}, {"email": "carol@example.com"}, {"email": 1, "password": "x"}, {"email": "a\x00", "password": "x"}]
)
def test_a_missing_value_or_wrong_type_is_422(anonymous: Caller, body: object) -> None:
    assert anonymous.post(LOGIN, body).is_problem(422)


def test_a_login_does_not_write_to_the_user(anonymous: Caller, carol: User) -> None:
    before = User.objects.values().get(id=carol.id)

    anonymous.post(LOGIN, {"email": "carol@example.com", "password": PASSWORD})

    assert User.objects.values().get(id=carol.id) == before


def test_who_is_disabled_and_knows_the_password_is_written_down_as_that(make_user: Any) -> None:
    user = make_user("carol@example.com", is_active=False)
    user.set_password("correct horse battery")
    user.save()

    answer = Caller().post("/api/auth/login", {"email": "carol@example.com", "password": "correct horse battery"})

    assert answer.is_problem(401, "invalid_credentials")
    assert [event.reason for event in AuthEvent.objects.filter(subject=user.id)] == ["disabled"]
