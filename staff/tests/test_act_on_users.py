"""The buttons of a user's page, and what each of them does, asks and writes down."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthEvent, Session, User
from accounts.recovery.letters import password_reset
from core.mail.delivery import deliver_due
from core.models import OutgoingMail
from tasks.models import Entry, Task, Via
from testing.callers import Caller, open_session
from testing.mail_server import MailServer, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

USERS, TASKS, SESSIONS = "/admin/accounts/user/", "/admin/tasks/task/", "/admin/accounts/session/"
# What each asks for first.
ASKING = ("make-admin", "disable", "end-sessions")


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def press(site: Client, user: User, act: str, **form: str) -> str:
    answer = site.post(f"{USERS}{user.pk}/act/{act}/", {"sure": "yes", **form}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def told(kind: str) -> tuple[str, str | None, Any, str]:
    event = AuthEvent.objects.get(kind=kind)
    return event.subject, event.actor, event.changes, event.reason


def test_the_page_has_the_buttons_that_fit(site: Client, alice: Caller, admin: Caller, make_user: Any) -> None:
    def buttons(user_id: str) -> set[str]:
        page = site.get(f"{USERS}{user_id}/change/").content.decode()
        return {word for word in page.split('"') if f"{user_id}/act/" in word}

    def named(user_id: str, *acts: str) -> set[str]:
        return {f"{USERS}{user_id}/act/{act}/" for act in acts}

    make_user("", id="7", issuer="https://issuer.example.com", is_active=False)
    assert buttons(alice.id) == named(alice.id, "make-admin", "disable", "end-sessions", "send-reset")
    assert buttons(admin.id) == named(admin.id, "end-sessions", "send-reset")
    assert buttons("7") == named("7", "make-admin", "enable", "end-sessions")


@pytest.mark.parametrize("act", ASKING)
def test_what_destroys_asks_first(site: Client, alice: Caller, act: str) -> None:
    page = site.post(f"{USERS}{alice.id}/act/{act}/").content.decode()

    assert 'name="sure"' in page
    assert not AuthEvent.objects.exists()
    stored = User.objects.get(id=alice.id)
    assert (stored.role, stored.is_active) == ("user", True)
    assert alice.get(alice.tasks).status == 200


@pytest.mark.parametrize("act", [*ASKING, "nothing"])
def test_a_link_does_nothing_and_neither_does_another_site(admin: Caller, alice: Caller, act: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin.user)

    assert strict.get(f"{USERS}{alice.id}/act/{act}/").status_code == 405
    assert strict.post(f"{USERS}{alice.id}/act/{act}/", {"sure": "yes"}).status_code == 403
    assert strict.post(f"{USERS}{alice.id}/delete/", {"typed": "alice@example.com"}).status_code == 403
    assert strict.post(f"{USERS}{alice.id}/export/").status_code == 403

    assert not AuthEvent.objects.exists()


@pytest.mark.parametrize("path", ["nobody/act/disable/", "%00/act/disable/", "nobody/export/"])
def test_who_is_not_there_is_not_found(site: Client, path: str) -> None:
    assert site.post(f"{USERS}{path}", {"sure": "yes"}).status_code == 404


def test_an_unknown_act_is_not_found(site: Client, alice: Caller) -> None:
    assert site.post(f"{USERS}{alice.id}/act/explode/", {"sure": "yes"}).status_code == 404


def test_the_role_is_given_and_taken(site: Client, admin: Caller, alice: Caller) -> None:
    assert "They are an admin now." in press(site, alice.user, "make-admin")
    assert User.objects.get(id=alice.id).role == "admin"
    assert told("role_changed") == (alice.id, admin.id, {"role": ["user", "admin"]}, "to_admin")

    AuthEvent.objects.all().delete()
    press(site, alice.user, "unmake-admin")
    assert told("role_changed") == (alice.id, admin.id, {"role": ["admin", "user"]}, "to_user")


def test_all_sessions_end_the_staff_sites_too(site: Client, admin: Caller, alice: Caller, bob: Caller) -> None:
    open_session(alice.user)
    User.objects.filter(id=alice.id).update(role="admin")
    other = Client()
    other.force_login(User.objects.get(id=alice.id))

    assert "Sessions ended: 2." in press(site, alice.user, "end-sessions")

    assert alice.get(alice.tasks).is_problem(401, "session_ended")
    assert other.get("/admin/").status_code == 302
    assert bob.get(bob.tasks).status == 200
    assert told("sessions_ended") == (alice.id, admin.id, {"sessions": [2, 0]}, "by_staff")


def test_all_sessions_of_an_address_end(site: Client, admin: Caller, alice: Caller, bob: Caller) -> None:
    Session.objects.filter(user_id=bob.id).update(address="203.0.113.9")
    one = Session.objects.get(user_id=alice.id)
    form = {"action": "end_addresses", "_selected_action": [str(one.pk)]}

    asked = site.post(SESSIONS, form).content.decode()
    assert "127.0.0.1" in asked
    assert alice.get(alice.tasks).status == 200
    page = site.post(SESSIONS, {**form, "sure": "yes"}, follow=True).content.decode()

    # Alice's, and the admin's own of the API.
    assert "Sessions ended: 2." in page
    assert alice.get(alice.tasks).status == admin.get(admin.tasks).status == 401
    assert bob.get(bob.tasks).status == 200
    ended = AuthEvent.objects.filter(kind="sessions_ended").values_list("subject", "actor")
    assert set(ended) == {(alice.id, admin.id), (admin.id, admin.id)}


def test_a_reset_link_is_sent_and_sets_a_password(
    site: Client, admin: Caller, alice: Caller, mail_server: MailServer
) -> None:
    assert "on its way" in press(site, alice.user, "send-reset")
    assert told("password_reset") == (alice.id, admin.id, None, "link_sent")
    deliver_due()

    [mail] = mail_server.mails
    assert mail["To"] == "alice@example.com"
    answer = Caller().post("/api/auth/password/reset", {"token": token_of(mail), "password": "a new good phrase"})
    assert answer.status == 200


def test_without_mail_the_button_says_so_and_nothing_is_written(site: Client, alice: Caller) -> None:
    page = site.get(f"{USERS}{alice.id}/change/").content.decode()
    assert "No mail is configured (EMAIL_URL)." in page

    assert "No mail is configured here" in press(site, alice.user, "send-reset")
    assert not OutgoingMail.objects.exists()
    assert not AuthEvent.objects.exists()


@pytest.mark.parametrize("fields", [{"is_active": False}, {"issuer": "https://issuer.example.com"}])
def test_no_link_is_sent_to_who_could_not_use_it(
    site: Client, make_user: Callable[..., User], mail_server: MailServer, fields: dict[str, Any]
) -> None:
    press(site, make_user("carol@example.com", **fields), "send-reset")

    assert not OutgoingMail.objects.exists()
    assert not AuthEvent.objects.exists()


def test_no_mailbox_is_flooded(site: Client, alice: Caller, mail_server: MailServer) -> None:
    for _ in range(7):
        page = press(site, alice.user, "send-reset")

    assert "Too many attempts" in page
    assert OutgoingMail.objects.count() == AuthEvent.objects.count() == 5


def test_a_link_asked_for_by_staff_is_written_only_for_who_is_still_active(
    site: Client, alice: Caller, mail_server: MailServer
) -> None:
    press(site, alice.user, "send-reset")
    User.objects.filter(id=alice.id).update(is_active=False)

    assert password_reset(OutgoingMail.objects.get()) is None


def test_a_task_is_completed_and_reopened_in_the_owners_journal(
    site: Client, admin: Caller, alice: Caller, make_task: Callable[..., Task]
) -> None:
    task = make_task(alice)

    site.post(f"{TASKS}{task.id}/act/complete/", follow=True)
    site.post(f"{TASKS}{task.id}/act/complete/", follow=True)
    assert Task.objects.get(id=task.id).completed
    assert told("task_changed") == (alice.id, admin.id, {"completed": [False, True]}, str(task.id))
    entry = Entry.objects.filter(task_id=task.id).latest("version")
    assert (entry.via, entry.by) == (Via.STAFF, admin.id)

    site.post(f"{TASKS}{task.id}/act/reopen/", follow=True)
    assert not Task.objects.get(id=task.id).completed
    assert AuthEvent.objects.filter(kind="task_changed").count() == 2
    assert site.post(f"{TASKS}{task.id}/act/burn/").status_code == 404


@pytest.mark.parametrize("typed", ["", "yes", "bob@example.com", "alice"])
def test_an_account_stays_until_its_email_was_typed(site: Client, alice: Caller, typed: str) -> None:
    page = site.post(f"{USERS}{alice.id}/delete/", {"typed": typed}).content.decode()

    assert "nothing was deleted" in page
    assert User.objects.filter(id=alice.id).exists()
