from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import pytest
from django.db import transaction

from accounts.models import AuthEvent, User
from testing.callers import Answer, Caller, in_parallel
from testing.databases import wait_for_waiters

MakeUser = Callable[..., User]


def path(who: Caller | User) -> str:
    return f"/api/admin/users/{who.id}"


def state(who: Caller | User) -> tuple[str, bool]:
    stored = User.objects.get(id=who.id)
    return stored.role, stored.is_active


def events() -> list[tuple[str, str, str]]:
    return list(AuthEvent.objects.order_by("created_at", "id").values_list("kind", "subject", "reason"))


@pytest.fixture
def second_admin(make_user: MakeUser) -> Caller:
    return Caller(make_user("second@example.com", role="admin"))


def test_an_admin_reads_one_user(admin: Caller, alice: Caller, make_task: Callable[..., Any]) -> None:
    make_task(alice, completed=True)
    make_task(alice)

    answer = admin.get(path(alice))

    assert answer.status == 200
    assert answer.json == {
        "id": alice.id,
        "email": "alice@example.com",
        "name": "Alice",
        "role": "user",
        "is_active": True,
        "issuer": "",
        "created_at": answer.json["created_at"],
        "task_count": 2,
        "completed_task_count": 1,
    }
    assert answer.json in admin.get("/api/admin/users").json["data"]


@pytest.mark.parametrize("user_id", ["auth0|123", "a.b_c|d@e:f+g=h~i-j", "1", "...", "x" * 128])
def test_any_user_id_fits_the_path(admin: Caller, make_user: MakeUser, user_id: str) -> None:
    make_user("", id=user_id, issuer="https://issuer.example.com")

    assert admin.get(f"/api/admin/users/{user_id}").json["id"] == user_id
    assert admin.patch(f"/api/admin/users/{user_id}/", {"role": "admin"}).json["role"] == "admin"
    assert User.objects.get(id=user_id).role == "admin"


def test_another_user_is_refused_and_changes_nothing(alice: Caller, bob: Caller) -> None:
    assert bob.get(path(alice)).is_problem(403, "forbidden")
    assert bob.patch(path(alice), {"is_active": False}).is_problem(403, "forbidden")
    assert bob.patch(path(bob), {"role": "admin"}).is_problem(403, "forbidden")
    assert bob.get("/api/admin/users/nobody").is_problem(403, "forbidden")

    assert state(alice) == state(bob) == ("user", True)
    assert events() == []


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert anonymous.get(path(alice)).is_problem(401)
    assert anonymous.patch(path(alice), {"role": "admin"}).is_problem(401)

    assert state(alice) == ("user", True)


def test_an_unknown_user_is_404_before_the_body_is_looked_at(admin: Caller) -> None:
    for user_id in ("nobody", "%00", "x" * 200):
        assert admin.get(f"/api/admin/users/{user_id}").is_problem(404, "user_not_found")
        assert admin.patch(f"/api/admin/users/{user_id}", b"{").is_problem(404, "user_not_found")


def test_roles_are_given_and_taken_and_written_down(admin: Caller, alice: Caller) -> None:
    assert alice.get("/api/admin/users").status == 403

    assert admin.patch(path(alice), {"role": "admin"}).json["role"] == "admin"
    assert alice.get("/api/admin/users").status == 200

    assert admin.patch(path(alice), {"role": "user"}).json["role"] == "user"
    assert alice.get("/api/admin/users").status == 403

    assert events() == [("role_changed", alice.id, "to_admin"), ("role_changed", alice.id, "to_user")]


def test_an_account_is_switched_off_and_on(admin: Caller, alice: Caller) -> None:
    assert admin.patch(path(alice), {"is_active": False}).json["is_active"] is False
    assert alice.get(alice.tasks).is_problem(401)

    assert admin.patch(path(alice), {"is_active": True}).json["is_active"] is True
    assert Caller(alice.user).get(alice.tasks).status == 200

    ended = ("sessions_ended", alice.id, "disabled")
    assert events() == [("user_disabled", alice.id, ""), ended, ("user_enabled", alice.id, "")]


def test_who_is_switched_off_without_a_session_has_none_ended(admin: Caller, alice: Caller) -> None:
    alice.post("/api/auth/logout")

    admin.patch(path(alice), {"is_active": False})

    assert events()[-1] == ("user_disabled", alice.id, "")


@pytest.mark.parametrize("body", [{}, None, {"role": "user", "is_active": True}, {"email": "x@example.com", "id": "x"}])
def test_what_changes_nothing_is_no_event(admin: Caller, alice: Caller, body: Any) -> None:
    before = User.objects.values().get(id=alice.id)

    assert admin.patch(path(alice), body).status == 200

    assert User.objects.values().get(id=alice.id) == before
    assert events() == []


@pytest.mark.parametrize("field", ["role", "is_active"])
@pytest.mark.parametrize("value", [None, "", "root", 1, 0, "true", [], {}, ["admin"], "\x00"])
def test_a_wrong_value_is_422_and_changes_nothing(admin: Caller, alice: Caller, field: str, value: Any) -> None:
    other = {"role": "admin", "is_active": False}

    answer = admin.patch(path(alice), {**other, field: value})

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert state(alice) == ("user", True)


@pytest.mark.parametrize("body", [{"role": "user"}, {"is_active": False}, {"role": "admin", "is_active": False}])
def test_nobody_demotes_or_disables_themself(admin: Caller, second_admin: Caller, body: dict[str, Any]) -> None:
    assert admin.patch(path(admin), body).is_problem(409, "own_account")

    assert state(admin) == ("admin", True)
    assert events() == []


def test_an_own_change_that_takes_nothing_away_is_none(admin: Caller) -> None:
    assert admin.patch(path(admin), {"role": "admin", "is_active": True}).status == 200


def test_a_disabled_admin_counts_for_none(admin: Caller, second_admin: Caller, make_user: MakeUser) -> None:
    assert admin.patch(path(second_admin), {"is_active": False}).status == 200

    # The one who is left cannot leave; the other may be demoted although that leaves one admin in all.
    assert admin.delete("/api/auth/me", {"password": "x"}).status == 422
    assert admin.patch(path(second_admin), {"role": "user"}).status == 200
    assert state(admin) == ("admin", True)


LEAVE: Final[dict[str, Callable[[Caller, Caller], Answer]]] = {
    "demote": lambda actor, other: actor.patch(path(other), {"role": "user"}),
    "disable": lambda actor, other: actor.patch(path(other), {"is_active": False}),
    "delete": lambda actor, other: actor.delete("/api/auth/me"),
}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", LEAVE)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_admins_who_leave_at_once_one_stays(make_user: MakeUser, way: str, attempt: int) -> None:
    # Outside accounts delete themselves without a password. A session serves for the test.
    first, second = (Caller(make_user("", id=f"a{n}", issuer="https://x.example", role="admin")) for n in (1, 2))

    answers = in_parallel([lambda: LEAVE[way](first, second), lambda: LEAVE[way](second, first)])

    done = [answer for answer in answers if answer.status in (200, 204)]
    assert len(done) == 1, answers
    refused = next(answer for answer in answers if answer not in done)
    # Who is late enough is no admin any more before they even start.
    assert refused.is_problem(409, "last_admin") or refused.status in (401, 403)
    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert AuthEvent.objects.exclude(kind="sessions_ended").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", LEAVE)
def test_who_waits_for_the_other_to_leave_sees_that_they_left(make_user: MakeUser, way: str) -> None:
    """Both are past every check of the caller when the first one leaves."""
    first, second = (Caller(make_user("", id=f"a{n}", issuer="https://x.example", role="admin")) for n in (1, 2))

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            # Whoever is first cannot write their row yet, and the other waits for them.
            assert len(User.objects.select_for_update()) == 2
            pairs = [(first, second), (second, first)]
            answers = [pool.submit(in_parallel, [partial(LEAVE[way], *pair)]) for pair in pairs]
            wait_for_waiters(2)
        statuses = sorted(answer.result(timeout=30)[0].status for answer in answers)

    assert statuses == [204 if way == "delete" else 200, 409]
    assert User.objects.filter(role="admin", is_active=True).count() == 1
