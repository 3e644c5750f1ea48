"""What an admin may change about somebody, whichever door they come through."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import cutoffs, roles
from accounts.models import AuthEvent, TokenCutoff, User
from core.errors import Conflict, NotFound
from core.rest.client import Client
from testing.callers import CLIENT, Caller, open_session

ADMIN, USER = User.Role.ADMIN, User.Role.USER


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"role": ADMIN}, ("admin", True)),
        ({"role": USER}, ("user", True)),
        ({"is_active": False}, ("user", False)),
        ({"is_active": True, "role": ADMIN}, ("admin", True)),
        ({}, ("user", True)),
    ],
)
def test_an_admin_changes_role_and_state_of_another(
    admin: Caller, alice: Caller, changes: dict[str, Any], expected: tuple[str, bool]
) -> None:
    changed = roles.change_user(admin.user, alice.id, client=CLIENT, **changes)

    assert (changed.role, changed.is_active) == expected
    assert User.objects.filter(id=alice.id, role=expected[0], is_active=expected[1]).exists()


@pytest.mark.parametrize("changes", [{"role": USER}, {"is_active": False}, {"role": ADMIN, "is_active": False}])
def test_nobody_takes_their_own_rights(admin: Caller, make_user: Any, changes: dict[str, Any]) -> None:
    # Not for being the last one.
    make_user("other@example.com", role=ADMIN)

    with pytest.raises(Conflict) as refused:
        roles.change_user(admin.user, admin.id, client=CLIENT, **changes)

    assert refused.value.code == "own_account"
    assert User.objects.filter(id=admin.id, role=ADMIN, is_active=True).exists()


@pytest.mark.parametrize("changes", [{"role": ADMIN}, {"is_active": True}, {}])
def test_an_own_change_that_takes_nothing_is_no_fault(admin: Caller, changes: dict[str, Any]) -> None:
    assert roles.change_user(admin.user, admin.id, client=CLIENT, **changes) == admin.user


def test_somebody_unknown_is_not_found(admin: Caller) -> None:
    with pytest.raises(NotFound):
        roles.change_user(admin.user, "nobody", client=CLIENT, role=ADMIN)


def test_outside_tokens_until_now_are_refused_for_as_long_as_one_may_live(db: None) -> None:
    cutoffs.refuse_until_now("outsider")

    cutoff = TokenCutoff.objects.get(subject="outsider")
    assert (cutoff.expires_at - cutoff.issued_until).days == 31


@pytest.mark.parametrize(("has_session", "ended"), [(True, 1), (False, 0)])
def test_switching_off_tells_of_ended_sessions_where_there_were_some(
    make_user: Any, has_session: bool, ended: int
) -> None:
    user = make_user("carol@example.com")
    if has_session:
        open_session(user)

    assert roles.disable_user(user, CLIENT)

    assert AuthEvent.objects.filter(kind="sessions_ended", subject=user.id, reason="disabled").count() == ended


@pytest.mark.parametrize(
    ("act", "before"),
    [
        (roles.promote_admin, {"role": USER}),
        (roles.demote_admin, {"role": ADMIN}),
        (roles.enable_user, {"is_active": False}),
        (roles.disable_user, {"is_active": True}),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_what_is_done_to_one_is_done_to_nobody_else(
    make_user: Any, act: Callable[[User, Client], bool], before: dict[str, Any]
) -> None:
    user, other, _ = (make_user(f"{name}@example.com", **before) for name in ("carol", "dora", "erin"))
    # There is an admin left.
    make_user("frank@example.com", role=ADMIN)
    others = User.objects.exclude(id=user.id).order_by("id").values("id", "role", "is_active", "updated_at")
    as_they_were = list(others)

    assert act(user, CLIENT)

    assert list(others) == as_they_were
    assert [event.subject for event in AuthEvent.objects.all()] == [user.id]
    assert not act(user, CLIENT)
    assert act(other, CLIENT)


def test_switching_off_who_is_off_is_no_event(make_user: Any) -> None:
    user = make_user("carol@example.com", is_active=False)

    assert not roles.disable_user(user, CLIENT)

    assert not AuthEvent.objects.filter(subject=user.id).exists()


def test_switching_off_somebody_of_another_issuer_tells_of_sessions_that_may_have_been(make_user: Any) -> None:
    user = make_user("dave@example.com", issuer="https://issuer.example.com")

    assert roles.disable_user(user, CLIENT)

    assert AuthEvent.objects.filter(kind="sessions_ended", subject=user.id).count() == 1


def test_the_last_admin_is_not_switched_off_by_whatever_door(admin: Caller) -> None:
    with pytest.raises(Conflict) as refused:
        roles.disable_user(admin.user, CLIENT)

    assert refused.value.code == "last_admin"
    assert User.objects.filter(id=admin.id, is_active=True).exists()
