"""The staff site keeps the rules of accounts, and tells on the page when one is broken."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthEvent, Session, TokenCutoff, User
from tasks.models import Task
from testing.callers import Caller, in_parallel

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

USERS, TASKS = "/admin/accounts/user/", "/admin/tasks/task/"
SESSIONS = "/admin/accounts/session/"
EVENTS = "/admin/accounts/authevent/"


def site_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(admin: Caller) -> Client:
    return site_of(admin.user)


def kinds() -> list[tuple[str, str]]:
    return list(AuthEvent.objects.order_by("created_at", "id").values_list("kind", "subject"))


def press(site: Client, user: User, way: str) -> str:
    page = f"{USERS}{user.pk}/"
    if way == "delete":
        return site.post(f"{page}delete/", {"typed": user.email}, follow=True).content.decode()
    return site.post(f"{page}act/{way}/", {"sure": "yes"}, follow=True).content.decode()


def act(site: Client, page: str, action: str, *selected: Any) -> str:
    form = {"action": action, "_selected_action": [str(row.pk) for row in selected], "post": "yes"}
    return site.post(page, form, follow=True).content.decode()


def test_switching_off_and_on_is_written_down(staff: Client, alice: Caller) -> None:
    staff.post(f"{USERS}{alice.id}/act/disable/", {"sure": "yes"})
    assert alice.get(alice.tasks).status == 401
    staff.post(f"{USERS}{alice.id}/act/enable/")

    assert Caller(alice.user).get("/api/auth/me").status == 200
    ended = ("sessions_ended", alice.id)
    assert kinds() == [("user_disabled", alice.id), ended, ("user_enabled", alice.id)]


def test_deleting_is_written_down(staff: Client, alice: Caller, make_task: Callable[..., Task]) -> None:
    make_task(alice)
    page = staff.get(f"{USERS}{alice.id}/delete/").content.decode()
    assert "alice@example.com" in page
    assert "tasks: 1" in page.lower()

    staff.post(f"{USERS}{alice.id}/delete/", {"typed": "alice@example.com"})

    assert not User.objects.filter(id=alice.id).exists()
    assert not Task.objects.exists()
    assert kinds() == [("user_deleted", alice.id)]


def test_an_outside_users_tokens_are_refused_after_the_deletion(staff: Client, make_user: Any) -> None:
    make_user("", id="7", issuer="https://issuer.example.com")

    staff.post(f"{USERS}7/delete/", {"typed": "7"})

    assert not User.objects.filter(id="7").exists()
    assert TokenCutoff.objects.filter(subject="7").exists()


@pytest.mark.parametrize("path", [USERS, TASKS])
def test_nothing_is_deleted_from_a_list(
    staff: Client, alice: Caller, make_task: Callable[..., Task], path: str
) -> None:
    subject = alice.user if path == USERS else make_task(alice)

    assert "delete_selected" not in staff.get(path).content.decode()
    act(staff, path, "delete_selected", subject)

    assert User.objects.filter(id=alice.id).exists()
    assert type(subject).objects.filter(id=subject.id).exists()
    assert kinds() == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["disable", "unmake-admin", "delete"])
def test_of_two_staff_who_remove_each_other_at_once_one_stays(make_user: Any, way: str) -> None:
    first, second = (make_user(f"a{n}@example.com", role="admin") for n in (1, 2))

    def remove(actor: User, other: User) -> str:
        site = site_of(actor)
        return press(site, other, way)

    in_parallel([lambda: remove(first, second), lambda: remove(second, first)])

    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert AuthEvent.objects.count() == 1


@pytest.mark.parametrize("way", ["disable", "unmake-admin", "delete"])
def test_the_last_admin_stays_and_the_page_says_why(
    staff: Client, admin: Caller, make_user: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """As it looks to somebody whose own role was taken after the page had let them in."""
    last = make_user("last@example.com", role="admin")
    monkeypatch.setattr(User, "is_staff", property(lambda user: True))
    User.objects.filter(id=admin.id).update(role="user")

    page = press(staff, last, way)

    assert "There must be an admin left." in page
    stored = User.objects.get(id=last.pk)
    assert (stored.is_active, stored.role, stored.name) == (True, "admin", "")
    assert kinds() == []


def test_the_security_log_is_shown_searched_and_never_changed(staff: Client, alice: Caller) -> None:
    event = AuthEvent.objects.create(kind="login", success=True, subject=alice.id, address="203.0.113.5")

    for query in (
        "",
        f"?q={alice.id}",
        "?q=203.0",
        "?kind=login&outcome=good",
        "?when=1",
    ):
        assert alice.id in staff.get(EVENTS + query).content.decode()
    for query in ("?q=nobody", "?kind=logout", "?outcome=bad", "?when=longer"):
        assert alice.id not in staff.get(EVENTS + query).content.decode()
    assert staff.get(f"{EVENTS}{event.pk}/change/").status_code == 200
    assert staff.post(f"{EVENTS}{event.pk}/change/", {"kind": "logout"}).status_code == 403
    assert staff.post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"{EVENTS}add/").status_code == 403
    act(staff, EVENTS, "delete_selected", event)

    assert AuthEvent.objects.get().kind == "login"


def test_sessions_are_shown_without_their_hashes_and_ended(staff: Client, alice: Caller, bob: Caller) -> None:
    session = Session.objects.get(user_id=alice.id)

    page = staff.get(f"{SESSIONS}?q={alice.id}").content.decode()
    assert "alice@example.com" in page
    assert "bob@example.com" not in page
    details = staff.get(f"{SESSIONS}{session.pk}/change/")
    assert details.status_code == 200
    assert session.refresh_hash not in details.content.decode()
    assert staff.post(f"{SESSIONS}{session.pk}/delete/", {"post": "yes"}).status_code == 403

    assert "Sessions ended: 1." in act(staff, SESSIONS, "end_these", session)
    assert "Sessions ended: 0." in act(staff, SESSIONS, "end_these", session)

    assert alice.get(alice.tasks).is_problem(401, "session_ended")
    assert bob.get(bob.tasks).status == 200
    assert kinds() == [("sessions_ended", alice.id)]


@pytest.mark.parametrize("page", [USERS, SESSIONS, EVENTS])
@pytest.mark.parametrize("row", ["nobody", "%00", "x" * 300])
def test_a_row_that_is_not_there_is_no_error(staff: Client, page: str, row: str) -> None:
    assert staff.get(f"{page}{row}/change/").status_code in (302, 404)
