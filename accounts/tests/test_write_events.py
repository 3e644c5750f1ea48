"""What each act writes into the security log: whole rows, and once."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import passwords, personal_tokens, roles, services
from accounts.models import AuthEvent, PersonalToken, Session, User
from accounts.sessions import ending
from core.errors import DomainError
from core.rest.client import Client
from testing.callers import Caller, make_token, open_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("admin")]

PASSWORD, NEW = "correct horse battery", "another good phrase"
FROM = Client(address="192.0.2.1", user_agent="Browser", request_id="r1")
Row = tuple[str, bool, str, dict[str, list[Any]] | None]
DONE, REFUSED = True, False

# By name: who does it, and what is written of it each time: kind, whether it was done, reason, changes.
ACTS: dict[str, tuple[dict[str, Any], Callable[[User], object], list[list[Row]]]] = {
    "promotion": (
        {},
        lambda user: roles.promote_admin(user, FROM),
        [[("role_changed", DONE, "to_admin", {"role": ["user", "admin"]})], []],
    ),
    "demotion": (
        {"role": "admin"},
        lambda user: roles.demote_admin(user, FROM),
        [[("role_changed", DONE, "to_user", {"role": ["admin", "user"]})], []],
    ),
    "disabling": (
        {},
        lambda user: roles.disable_user(user, FROM),
        [[("user_disabled", DONE, "", {"is_active": [True, False]}), ("sessions_ended", DONE, "disabled", None)], []],
    ),
    "enabling": (
        {"is_active": False},
        lambda user: roles.enable_user(user, FROM),
        [[("user_enabled", DONE, "", {"is_active": [False, True]})], []],
    ),
    "a login": (
        {},
        lambda user: services.log_in(email=user.email, password=PASSWORD, client=FROM),
        [[("login", DONE, "", None)]] * 2,
    ),
    "a wrong password": (
        {},
        lambda user: services.log_in(email=user.email, password="wrong", client=FROM),
        [[("login_failed", REFUSED, "wrong_credentials", None)]] * 2,
    ),
    "a login of who is disabled": (
        {"is_active": False},
        lambda user: services.log_in(email=user.email, password=PASSWORD, client=FROM),
        [[("login_failed", REFUSED, "disabled", None)]] * 2,
    ),
    "a logout": (
        {},
        lambda user: services.log_out(user.id, session_of(user), client=FROM),
        [[("logout", DONE, "", None)], []],
    ),
    "logging out everywhere": (
        {},
        lambda user: services.log_out_everywhere(user, client=FROM),
        [[("logout_all", DONE, "", None)]] * 2,
    ),
    "a new password": (
        {},
        lambda user: passwords.replace_password(user, new=NEW, client=FROM),
        [[("password_changed", DONE, "", None)]] * 2,
    ),
    "a password set at the server": (
        {},
        lambda user: passwords.set_password(user, new=NEW, client=FROM),
        [[("password_changed", DONE, "", None)]] * 2,
    ),
    "a wrong present password": (
        {},
        lambda user: passwords.confirm_password(user, password="wrong", client=FROM, field="password"),
        [[("login_failed", REFUSED, "wrong_current_password", None)]] * 2,
    ),
    "a deletion": (
        {},
        lambda user: services.delete_account(user, client=FROM),
        [[("user_deleted", DONE, "", None)]],
    ),
}


def session_of(user: User) -> Any:
    return Session.objects.filter(user_id=user.id).latest("id").id


def written() -> list[Row]:
    """The rows since the last time, which all are the act's."""
    events = list(AuthEvent.objects.order_by("id"))
    AuthEvent.objects.all().delete()
    assert {(event.address, event.user_agent, event.request_id, event.count) for event in events} <= {
        ("192.0.2.1", "Browser", "r1", 1)
    }
    # Of what was refused nobody knows whose act it was.
    assert all(event.actor == (event.subject if event.success else None) for event in events)
    return [(event.kind, event.success, event.reason, event.changes) for event in events]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_written_down_whole_and_once(make_user: Callable[..., User], act: str) -> None:
    fields, do, expected = ACTS[act]
    user, other = make_user("carol@example.com", **fields), make_user("dave@example.com", **fields)
    for each in (user, other):
        User.objects.filter(id=each.id).update(is_active=True)
        each.set_password(PASSWORD)
        open_session(User.objects.get(id=each.id))
        User.objects.filter(id=each.id).update(password=each.password, is_active=each.is_active)
    before = User.objects.filter(id=other.id).values().get()

    for rows in expected:
        try:
            do(user)
        except DomainError:
            assert not rows[0][1]
        assert set(AuthEvent.objects.values_list("subject", flat=True)) <= {user.id}
        assert written() == rows

    assert User.objects.filter(id=other.id).values().get() == before
    assert ending.live_sessions(other.id).count() == 1


def test_who_has_no_session_is_switched_off_in_one_row(make_user: Callable[..., User]) -> None:
    roles.disable_user(make_user("carol@example.com"), FROM)

    assert [kind for kind, *_ in written()] == ["user_disabled"]


def test_who_is_switched_off_has_no_personal_tokens(alice: Caller, bob: Caller) -> None:
    for caller in (alice, bob):
        make_token(caller.user)

    roles.disable_user(alice.user, FROM)

    assert [PersonalToken.objects.filter(user_id=caller.id).count() for caller in (alice, bob)] == [0, 1]


def test_a_personal_token_is_named_where_it_is_made_and_revoked(alice: Caller) -> None:
    token, _ = personal_tokens.create(
        alice.user, name="x", scopes=[], expires_at=None, client=FROM, session_id=session_of(alice.user)
    )
    personal_tokens.revoke(alice.id, token.id, client=FROM)

    assert written() == [(kind, DONE, str(token.id), None) for kind in ("token_created", "token_revoked")]


@pytest.mark.parametrize("actor", ["", "staff"])
def test_somebody_elses_act_is_theirs(alice: Caller, actor: str) -> None:
    client = Client(address="", user_agent="", request_id="", actor=actor)

    services.log_out_everywhere(alice.user, client=client)

    assert AuthEvent.objects.get().actor == (actor or None)
