"""What was checked a moment ago may have changed: a login, a change and a deletion hold only for the password they
were checked against (ASVS 5.0, 7.4.3).
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, make_password

from accounts import passwords, services
from accounts.models import AuthEvent, Session, User
from accounts.sessions import ending, starting
from testing.callers import CLIENT, Answer, Caller, in_parallel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roomy_auth_limit")]

LOGIN, PASSWORD = "/api/auth/login", "/api/auth/password"
OLD, NEW, OTHER = "correct horse battery", "another good phrase", "a third good phrase"


@pytest.fixture
def carol(make_user: Any) -> Caller:
    user: User = make_user("carol@example.com")
    user.set_password(OLD)
    user.save()
    return Caller(user)


def log_in(password: str = OLD) -> Answer:
    return Caller().post(LOGIN, {"email": "carol@example.com", "password": password})


def change(carol: Caller, new: str = NEW) -> Answer:
    return carol.post(PASSWORD, {"current_password": OLD, "new_password": new})


def live(carol: Caller) -> int:
    return ending.live_sessions(carol.id).count()


def after_the_check(act: Callable[[], object]) -> Any:
    """Between the look at a password and what follows from it."""
    check = User.check_password
    acted: list[bool] = []

    def checked(user: User, password: str) -> bool:
        is_right = check(user, password)
        if not acted:
            acted.append(True)
            act()
        return is_right

    return patch.object(User, "check_password", checked)


def set_password(carol: Caller, password: str) -> None:
    User.objects.filter(id=carol.id).update(password=make_password(password))


def test_a_login_checked_before_a_change_of_password_opens_no_session(carol: Caller) -> None:
    words: dict[str, Any] = {
        "current": OLD,
        "new": NEW,
        "client": CLIENT,
        "session_id": ending.live_sessions(carol.id)[0].id,
    }

    with after_the_check(lambda: passwords.change_password(User.objects.get(id=carol.id), **words)):
        answer = log_in()

    assert answer.is_problem(401, "invalid_credentials")
    assert live(carol) == 1
    assert [*AuthEvent.objects.filter(subject=carol.id, kind__startswith="login").values_list("kind", flat=True)] == [
        "login_failed"
    ]


def test_a_login_checked_before_the_account_was_switched_off_opens_no_session(carol: Caller) -> None:
    with after_the_check(lambda: User.objects.filter(id=carol.id).update(is_active=False)):
        assert log_in().is_problem(401, "invalid_credentials")

    assert live(carol) == 1


def test_a_change_checked_before_another_changes_nothing(carol: Caller) -> None:
    with after_the_check(lambda: set_password(carol, OTHER)):
        answer = change(carol)

    assert answer.is_problem(422, "wrong_password")
    assert answer.json["errors"][0]["field"] == "current_password"
    assert (log_in(NEW).status, log_in(OTHER).status) == (401, 200)
    assert not AuthEvent.objects.filter(kind="password_changed").exists()


def test_a_deletion_checked_before_a_change_deletes_nobody(carol: Caller) -> None:
    with after_the_check(lambda: set_password(carol, OTHER)):
        answer = carol.delete("/api/auth/me", {"password": OLD})

    assert answer.is_problem(422, "wrong_password")
    assert User.objects.filter(id=carol.id).exists()


def test_a_hash_of_other_rounds_is_made_anew_but_brings_no_old_password_back(
    carol: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = User.objects.get(id=carol.id).password
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 5)

    assert log_in().status == 200
    renewed = User.objects.get(id=carol.id).password
    assert renewed != before

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 6)
    user = User.objects.get(id=carol.id)
    set_password(carol, NEW)
    assert user.check_password(OLD)
    assert User.objects.get(id=carol.id).check_password(NEW)


@pytest.mark.names_no_owner("the first page counts everybody's")
def test_the_staff_site_changes_a_password_by_the_same_rules(make_user: Any, client: Any) -> None:
    user = make_user("staff@example.com", role="admin")
    user.set_password(OLD)
    user.save()
    starting.start_session(user, CLIENT)
    client.post("/admin/login/", {"username": user.email, "password": OLD})
    form = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}

    with after_the_check(lambda: User.objects.filter(id=user.id).update(password=make_password(OTHER))):
        refused = client.post("/admin/password_change/", form)
    User.objects.filter(id=user.id).update(password=user.password)
    changed = client.post("/admin/password_change/", form)

    assert (refused.status_code, changed.status_code) == (200, 302)
    assert "The password is wrong." in refused.content.decode()
    assert client.get("/admin/").status_code == 200
    assert User.objects.get(id=user.id).check_password(NEW)
    assert not ending.live_sessions(user.id).exists()
    assert AuthEvent.objects.filter(kind="password_changed", subject=user.id).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_no_login_with_the_old_password_survives_a_change_at_once(carol: Caller, turn: int) -> None:
    answers = in_parallel([lambda: change(carol), *[log_in] * 7])

    assert answers[0].status == 200
    assert {answer.status for answer in answers[1:]} <= {200, 401}
    # Who was let in before the change is out by now.
    assert live(carol) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_changes_at_once_one_holds_and_the_others_are_told(carol: Caller) -> None:
    words = [f"{NEW} {number}" for number in range(6)]

    answers = in_parallel([lambda word=word: change(carol, word) for word in words])  # type: ignore[misc] # the default binds the loop's value

    assert sorted(answer.status for answer in answers) == [200] + [422] * 5
    winner = words[[answer.status for answer in answers].index(200)]
    assert log_in(winner).status == 200
    assert Session.objects.filter(user_id=carol.id, ended_at=None).count() == 2
    assert services.find_by_credentials(email="carol@example.com", password=winner, client=CLIENT).id == carol.id
