from typing import Any

import pytest
from pytest_django import Settings

from accounts import passwords
from accounts.models import AuthEvent, User
from core.errors import Conflict
from core.models import OutgoingMail
from testing.callers import CLIENT, Caller, open_session
from testing.issuers import Issuer, bearer

PASSWORD = "/api/auth/password"
OLD, NEW = "correct horse battery", "another good phrase"


@pytest.fixture
def carol(make_user: Any) -> Caller:
    user: User = make_user("carol@example.com")
    user.set_password(OLD)
    user.save()
    return Caller(user)


def log_in(password: str) -> int:
    return Caller().post("/api/auth/login", {"email": "carol@example.com", "password": password}).status


def test_the_password_is_changed_and_the_other_sessions_end(carol: Caller) -> None:
    other = open_session(carol.user)

    answer = carol.post(PASSWORD, {"current_password": OLD, "new_password": NEW})

    assert answer.status == 200
    assert answer.json == {"message": "The password has been changed."}
    assert carol.get("/api/auth/me").status == 200
    assert Caller().get("/api/auth/me", Authorization=f"Bearer {other.access}").is_problem(401, "session_ended")
    assert (log_in(OLD), log_in(NEW)) == (401, 200)
    assert AuthEvent.objects.filter(kind="password_changed", subject=carol.id).count() == 1


def test_a_wrong_current_password_is_422_changes_nothing_and_counts_as_a_failed_login(carol: Caller) -> None:
    answers = [carol.post(PASSWORD, {"current_password": "wrong", "new_password": NEW}) for _ in range(6)]

    assert all(answer.is_problem(422, "wrong_password") for answer in answers[:5])
    assert answers[0].json["errors"][0]["field"] == "current_password"
    assert answers[5].is_problem(429, "throttled")
    assert User.objects.get(id=carol.id).check_password(OLD)
    assert AuthEvent.objects.filter(kind="login_failed", subject=carol.id).count() == 5
    assert log_in(OLD) == 429


@pytest.mark.parametrize("new", ["short", "password123", "x" * 129, "carol@example.com"])
def test_a_weak_new_password_is_400_and_changes_nothing(carol: Caller, new: str) -> None:
    answer = carol.post(PASSWORD, {"current_password": OLD, "new_password": new})

    assert answer.is_problem(400, "weak_password")
    assert answer.json["errors"][0]["field"] == "new_password"
    assert User.objects.get(id=carol.id).check_password(OLD)


@pytest.mark.parametrize("body", [{}, {"current_password": OLD}, {"current_password": OLD, "new_password": 5}])
def test_a_missing_value_or_wrong_type_is_422(carol: Caller, body: object) -> None:
    assert carol.post(PASSWORD, body).is_problem(422, "invalid")


def test_an_outside_account_has_no_password_here(issuer: Issuer) -> None:
    answer = bearer(issuer.token()).post(PASSWORD, {"current_password": "x", "new_password": NEW})

    assert answer.is_problem(409, "outside_account")


def test_anonymous_is_401(anonymous: Caller) -> None:
    assert anonymous.post(PASSWORD, {"current_password": OLD, "new_password": NEW}).is_problem(401)


def test_who_happens_to_have_the_same_hash_keeps_it(carol: Caller, alice: Caller) -> None:
    same = User.objects.get(id=carol.id).password
    User.objects.filter(id=alice.id).update(password=same)

    assert carol.post(PASSWORD, {"current_password": OLD, "new_password": NEW}).status == 200

    assert User.objects.get(id=alice.id).password == same


@pytest.mark.parametrize("change", [passwords.replace_password, passwords.set_password])
@pytest.mark.parametrize(("is_on", "email"), [(True, "carol@example.com"), (False, "carol@example.com"), (True, "")])
def test_the_owner_is_told_by_mail_where_there_is_mail_and_an_address(
    carol: Caller, settings: Settings, change: Any, is_on: bool, email: str
) -> None:
    settings.MAIL_IS_ON = is_on
    carol.user.email = email

    change(carol.user, new=NEW, client=CLIENT)

    told = list(OutgoingMail.objects.values_list("purpose", "recipient", "user_id"))
    assert told == ([("password_changed", email, carol.id)] if is_on and email else [])


def test_neither_does_the_server_set_one_for_an_outside_account(make_user: Any) -> None:
    user = make_user("", id="7", issuer="https://issuer.example.com")

    with pytest.raises(Conflict, match="elsewhere"):
        passwords.set_password(user, new=NEW, client=CLIENT)

    assert not User.objects.get(id="7").has_usable_password()
