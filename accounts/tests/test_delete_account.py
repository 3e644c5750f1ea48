import time
from typing import Any

import pytest

from accounts.models import AuthEvent, Session, User
from core.models import Usage
from testing.callers import Caller, in_parallel
from testing.issuers import Issuer, bearer

ME = "/api/auth/me"
PASSWORD = "correct horse battery"


@pytest.fixture
def carol(make_user: Any) -> Caller:
    user: User = make_user("carol@example.com")
    user.set_password(PASSWORD)
    user.save()
    return Caller(user)


def test_a_local_account_goes_with_all_it_owns(carol: Caller, alice: Caller) -> None:
    carol.post(carol.tasks, {"title": "x"})
    alice.post(alice.tasks, {"title": "y"})

    answer = carol.delete(ME, {"password": PASSWORD})

    assert (answer.status, answer.content) == (204, b"")
    assert not User.objects.filter(id=carol.id).exists()
    assert not Session.objects.filter(user_id=carol.id).exists()
    assert not Usage.objects.filter(user_id=carol.id).exists()
    assert Usage.objects.filter(user_id=alice.id).exists()
    assert carol.get(ME).is_problem(401, "session_ended")
    assert len(alice.get(alice.tasks).json["data"]) == 1
    assert AuthEvent.objects.filter(kind="user_deleted", subject=carol.id).count() == 1


@pytest.mark.parametrize("body", [None, {}, {"password": "wrong"}, {"password": ""}])
def test_a_wrong_password_is_422_deletes_nobody_and_counts_as_a_failed_login(carol: Caller, body: object) -> None:
    answer = carol.delete(ME, body)

    assert answer.is_problem(422, "wrong_password")
    assert User.objects.filter(id=carol.id).exists()
    assert AuthEvent.objects.filter(kind="login_failed", subject=carol.id).count() == 1


def test_the_last_admin_stays(carol: Caller) -> None:
    User.objects.filter(id=carol.id).update(role="admin")

    assert carol.delete(ME, {"password": PASSWORD}).is_problem(409, "last_admin")

    assert User.objects.filter(id=carol.id).exists()


def test_an_admin_may_go_while_another_is_left(carol: Caller, make_user: Any) -> None:
    make_user("other@example.com", role="admin")
    User.objects.filter(id=carol.id).update(role="admin")

    assert carol.delete(ME, {"password": PASSWORD}).status == 204


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_last_admins_that_go_at_once_one_stays(make_user: Any, settings: Any) -> None:
    admins = []
    for name in ("left", "right"):
        user = make_user(f"{name}@example.com", role="admin")
        user.set_password(PASSWORD)
        user.save()
        admins.append(Caller(user))

    answers = in_parallel([lambda admin=admin: admin.delete(ME, {"password": PASSWORD}) for admin in admins])  # type: ignore[misc] # the default binds the loop's value

    assert sorted(answer.status for answer in answers) == [204, 409]
    assert User.objects.filter(role="admin").count() == 1


def test_an_outside_account_needs_no_password_and_its_tokens_until_now_make_no_new_one(issuer: Issuer) -> None:
    now = int(time.time())
    caller, other = bearer(issuer.token(sub="1", iat=now)), bearer(issuer.token(sub="1", iat=now - 5))
    caller.post("/api/1/tasks", {"title": "x"})

    assert caller.delete(ME).status == 204

    assert caller.get(ME).is_problem(401, "token_invalid")
    assert other.get(ME).is_problem(401, "token_invalid")
    assert not User.objects.filter(id="1").exists()
    later = bearer(issuer.token(sub="1", iat=now + 5))
    assert later.get("/api/1/tasks").json["data"] == []


def test_anonymous_is_401(anonymous: Caller) -> None:
    assert anonymous.delete(ME).is_problem(401)
