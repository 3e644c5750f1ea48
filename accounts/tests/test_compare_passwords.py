"""Passwords are compared as RFC 8265 prepares them; hashes from before then are of what was sent."""

import unicodedata
from typing import Any, Final

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, make_password

from accounts.models import User
from testing.callers import Answer, Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roomy_auth_limit")]

EMAIL: Final = "carol@example.com"
COMPOSED: Final = unicodedata.normalize("NFC", "crème brûlée à la carte")
DECOMPOSED: Final = unicodedata.normalize("NFD", COMPOSED)
WIDE: Final = COMPOSED.replace(" ", "\u00a0")
FORMS: Final = (COMPOSED, DECOMPOSED, WIDE)


def log_in(password: str) -> Answer:
    return Caller().post("/api/auth/login", {"email": EMAIL, "password": password})


@pytest.mark.parametrize("given", FORMS)
def test_a_password_is_right_however_a_keyboard_writes_it(given: str) -> None:
    signup = Caller().post("/api/auth/signup", {"email": EMAIL, "password": given})
    bearer = {"Authorization": f"Bearer {signup.json['access_token']}"}

    assert [log_in(form).status for form in FORMS] == [200, 200, 200]
    changed = Caller().post(
        "/api/auth/password", {"current_password": DECOMPOSED, "new_password": f"{given}!"}, **bearer
    )
    assert changed.status == 200
    assert [log_in(f"{form}!").status for form in FORMS] == [200, 200, 200]
    assert log_in("creme brulee a la carte!").is_problem(401, "invalid_credentials")


def test_a_hash_from_before_is_of_what_was_sent_and_is_made_anew(make_user: Any) -> None:
    user, other = make_user(EMAIL), make_user("other@example.com")
    before = make_password(DECOMPOSED)
    User.objects.filter(id__in=[user.id, other.id]).update(password=before)

    assert log_in(COMPOSED).status == 401
    assert log_in(DECOMPOSED).status == 200
    assert log_in(COMPOSED).status == 200
    # Who happens to have the same hash has it still.
    assert User.objects.get(id=other.id).password == before


def test_an_unknown_email_takes_as_many_hashes(make_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(EMAIL).set_password(COMPOSED)
    User.objects.filter(email=EMAIL).update(password=make_password(COMPOSED))
    hashed: list[str] = []
    encode = BCryptSHA256PasswordHasher.encode

    def noted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", noted)
    wrong = f"{DECOMPOSED} wrong"
    known = log_in(wrong), len(hashed)
    unknown = Caller().post("/api/auth/login", {"email": "nobody@example.com", "password": wrong}), len(hashed)

    assert known[0].status == unknown[0].status == 401
    assert (known[1], unknown[1]) == (2, 4)


def test_the_longest_password_is_counted_as_it_is_prepared() -> None:
    longest = unicodedata.normalize("NFD", "é" * 128)

    assert Caller().post("/api/auth/signup", {"email": EMAIL, "password": longest}).status == 201
    assert Caller().post("/api/auth/signup", {"email": "b@example.com", "password": f"{longest}x"}).status == 400
