from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError

from accounts import security_log, services
from accounts.models import KnownAddress, User
from testing.callers import CLIENT, Caller, in_parallel

SIGNUP = "/api/auth/signup"
GOOD = {"email": "carol@example.com", "password": "correct horse battery", "name": "Carol"}


def test_anyone_signs_up_and_is_signed_in(anonymous: Caller) -> None:
    answer = anonymous.post(SIGNUP, GOOD)

    assert answer.status == 201
    assert set(answer.json) == {
        "access_token", "refresh_token", "token_type", "expires_in", "user",
        # Of the user, and of the access token, for clients that look there.
        "token", "user_id", "id", "email", "name",
    }  # fmt: skip
    assert answer.json["token_type"] == "bearer"
    assert answer.json["expires_in"] == 1800
    user = answer.json["user"]
    assert set(user) == {"id", "email", "email_verified", "name", "role", "created_at"}
    assert (user["email"], user["name"], user["role"]) == ("carol@example.com", "Carol", "user")
    me = anonymous.get("/api/auth/me", Authorization=f"Bearer {answer.json['access_token']}").json
    assert {name: me["user"][name] for name in user} == {name: me[name] for name in user} == user


@pytest.mark.real_rounds
def test_the_password_is_bcrypt_with_twelve_rounds_over_a_digest(anonymous: Caller) -> None:
    anonymous.post(SIGNUP, GOOD)

    assert User.objects.get(email="carol@example.com").password.startswith("bcrypt_sha256$$2b$12$")


def test_the_email_is_kept_in_lower_case(anonymous: Caller) -> None:
    assert anonymous.post(SIGNUP, {**GOOD, "email": " Carol@Example.COM "}).json["user"]["email"] == GOOD["email"]


@pytest.mark.parametrize("email", ["carol@example.com", "CAROL@example.com"])
def test_a_registered_email_is_409_and_makes_no_user(anonymous: Caller, email: str) -> None:
    anonymous.post(SIGNUP, GOOD)

    assert anonymous.post(SIGNUP, {**GOOD, "email": email}).is_problem(409, "email_taken")

    assert User.objects.count() == 1


def test_a_registered_email_costs_no_slow_hash(anonymous: Caller) -> None:
    anonymous.post(SIGNUP, GOOD)

    with patch.object(User, "set_password") as hashed:
        anonymous.post(SIGNUP, GOOD)

    assert not hashed.called


def test_an_email_that_is_registered_while_the_password_is_hashed_is_409(anonymous: Caller) -> None:
    def be_quicker(user: User, password: str) -> None:
        User.objects.create(email=user.email)

    with patch.object(User, "set_password", be_quicker):
        assert anonymous.post(SIGNUP, GOOD).is_problem(409, "email_taken")

    assert User.objects.count() == 1


@pytest.mark.django_db
def test_what_else_the_database_refuses_is_no_taken_email() -> None:
    with patch.object(security_log, "record", side_effect=IntegrityError), pytest.raises(IntegrityError):
        services.sign_up(email=GOOD["email"], password=GOOD["password"], client=CLIENT)

    assert not User.objects.exists()


@pytest.mark.parametrize(("last", "is_one"), [(57, True), (58, False)])
def test_an_address_has_at_most_254_characters(last: int, is_one: bool) -> None:
    email = f"{'c' * 64}@{'e' * 63}.{'e' * 63}.{'e' * last}.com"

    assert (len(email) <= 254) is is_one
    assert services.is_email(email) is is_one


def test_another_issuers_user_does_not_block_the_email(anonymous: Caller, make_user: Any) -> None:
    make_user("carol@example.com", id="x1", issuer="https://issuer.example.com")

    assert anonymous.post(SIGNUP, GOOD).status == 201


def test_the_address_is_known_from_then_on(anonymous: Caller) -> None:
    user = anonymous.post(SIGNUP, GOOD).json["user"]

    assert KnownAddress.objects.filter(user_id=user["id"]).count() == 1


def test_a_domain_may_have_letters_that_mail_can_be_sent_to(anonymous: Caller) -> None:
    assert anonymous.post(SIGNUP, {**GOOD, "email": "carol@exämple.com"}).json["user"]["email"] == "carol@exämple.com"


@pytest.mark.parametrize("name", [None, ""])
def test_the_name_may_be_left_out(anonymous: Caller, name: str | None) -> None:
    assert anonymous.post(SIGNUP, {**GOOD, "name": name}).json["user"]["name"] == ""


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "", "invalid_email"),
        ("email", "carol", "invalid_email"),
        ("email", "carol@", "invalid_email"),
        ("email", "carol@localhost@example.com", "invalid_email"),
        ("email", "carol @example.com", "invalid_email"),
        # Mail to these would reach another mailbox than they name, or none.
        ("email", "carol@straße.example", "invalid_email"),
        ("email", "carol@exam\u00adple.com", "invalid_email"),
        ("email", "carol@example\u3002com", "invalid_email"),
        ("email", "carol@\u00ad.com", "invalid_email"),
        ("email", f"carol@{'ä' * 60}.example", "invalid_email"),
        ("email", "c\u0131rol@example.com", "invalid_email"),
        ("email", "=?utf-8?q?=63arol?=@example.com", "invalid_email"),
        ("email", f"{'c' * 64}@{'e' * 63}.{'e' * 63}.{'e' * 63}.example.com", "invalid_email"),
        ("password", "", "weak_password"),
        ("password", "short7!", "weak_password"),
        ("password", "x1!" * 43, "weak_password"),
        ("password", "password123", "weak_password"),
        ("password", "8472910365", "weak_password"),
        ("password", "carol@example.com", "weak_password"),
    ],
)
def test_an_invalid_email_or_password_is_400(anonymous: Caller, field: str, value: str, code: str) -> None:
    answer = anonymous.post(SIGNUP, {**GOOD, field: value})

    assert answer.is_problem(400, code)
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": GOOD["password"]}, "email"),
        ({"email": GOOD["email"]}, "password"),
        ({**GOOD, "email": None}, "email"),
        ({**GOOD, "email": 5}, "email"),
        ({**GOOD, "email": ["a@example.com"]}, "email"),
        ({**GOOD, "email": "a\x00@example.com"}, "email"),
        ({**GOOD, "password": 1234567890}, "password"),
        ({**GOOD, "password": "long enough\x00"}, "password"),
        ({**GOOD, "name": 5}, "name"),
        ({**GOOD, "name": "x" * 151}, "name"),
        (b'{"email": "a@example.com", "password": "correct horse \\ud800"}', "password"),
    ],
)
def test_a_missing_value_or_wrong_type_is_422(anonymous: Caller, body: object, field: str) -> None:
    answer = anonymous.post(SIGNUP, body)

    assert answer.is_problem(422)
    assert field in [error["field"] for error in answer.json["errors"]]
    assert not User.objects.exists()


def test_passwords_are_not_trimmed_and_not_cut_at_72_bytes(anonymous: Caller) -> None:
    long = "ź" * 60 + "first ending "
    anonymous.post(SIGNUP, {**GOOD, "password": long})

    assert anonymous.post("/api/auth/login", {"email": GOOD["email"], "password": long}).status == 200
    for other in (long[:-1], long[:70], "ź" * 60 + "other ending "):
        assert anonymous.post("/api/auth/login", {"email": GOOD["email"], "password": other}).is_problem(401)


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"is_active": False}, {"issuer": "x"}, {"id": "chosen"}])
def test_nobody_chooses_their_role_or_id(anonymous: Caller, extra: dict[str, object]) -> None:
    user = anonymous.post(SIGNUP, {**GOOD, **extra}).json["user"]

    stored = User.objects.get()
    assert stored.id == user["id"] != "chosen"
    assert (stored.role, stored.is_active, stored.issuer) == ("user", True, "")


def test_a_bad_token_in_the_header_does_not_matter(anonymous: Caller) -> None:
    assert anonymous.post(SIGNUP, GOOD, Authorization="Bearer rubbish").status == 201


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_signups_at_once_one_is_201_and_one_409(anonymous: Caller) -> None:
    answers = in_parallel([lambda: anonymous.post(SIGNUP, GOOD)] * 2)

    assert sorted(answer.status for answer in answers) == [201, 409]
    assert User.objects.count() == 1
