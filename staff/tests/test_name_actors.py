"""Every act of staff, by either door, is one event: who did what to whom, before and after."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AuthEvent, Session
from tasks.models import Task
from testing.callers import Caller

pytestmark = pytest.mark.names_no_owner("staff look at everybody's")

USER = "/admin/accounts/user/"


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def told(kind: str) -> tuple[str, str | None, Any, str]:
    event = AuthEvent.objects.get(kind=kind)
    return event.subject, event.actor, event.changes, event.reason


def test_a_role_by_the_api(admin: Caller, alice: Caller) -> None:
    admin.patch(f"/api/admin/users/{alice.id}", {"role": "admin"})

    assert told("role_changed") == (alice.id, admin.id, {"role": ["user", "admin"]}, "to_admin")


def test_switching_off_by_either_door(admin: Caller, site: Client, alice: Caller) -> None:
    site.post(f"{USER}{alice.id}/act/disable/", {"sure": "yes"})
    assert told("user_disabled") == (alice.id, admin.id, {"is_active": [True, False]}, "")

    admin.patch(f"/api/admin/users/{alice.id}", {"is_active": True})
    assert told("user_enabled") == (alice.id, admin.id, {"is_active": [False, True]}, "")


def test_deleting_an_account_by_either_door(admin: Caller, site: Client, alice: Caller, bob: Caller) -> None:
    site.post(f"{USER}{alice.id}/delete/", {"typed": "Alice@Example.com"})
    admin.delete(f"/api/admin/users/{bob.id}")

    found = AuthEvent.objects.filter(kind="user_deleted").values_list("subject", "actor")
    assert set(found) == {(alice.id, admin.id), (bob.id, admin.id)}


def test_deleting_a_task_by_either_door_names_it_by_its_id(
    admin: Caller, site: Client, alice: Caller, make_task: Callable[..., Task]
) -> None:
    first, second = make_task(alice), make_task(alice)

    site.post(f"/admin/tasks/task/{first.id}/delete/", {"post": "yes"})
    admin.delete(f"/api/admin/users/{alice.id}/tasks/{second.id}")

    found = AuthEvent.objects.filter(kind="task_deleted").values_list("subject", "actor", "reason")
    assert set(found) == {(alice.id, admin.id, str(task.id)) for task in (first, second)}
    assert alice.get(alice.tasks).json["data"] == []


def test_ending_a_session(admin: Caller, site: Client, alice: Caller) -> None:
    session = Session.objects.get(user_id=alice.id)

    site.post("/admin/accounts/session/", {"action": "end_these", "_selected_action": [str(session.id)]})

    assert told("sessions_ended") == (alice.id, admin.id, {"session": [str(session.id), None]}, "by_staff")


def test_ones_own_act_names_oneself_and_one_from_outside_nobody(alice: Caller, anonymous: Caller) -> None:
    alice.post("/api/auth/logout")
    anonymous.post("/api/auth/login", {"email": "alice@example.com", "password": "wrong"})

    assert told("logout")[:2] == (alice.id, alice.id)
    assert told("login_failed")[:2] == (alice.id, None)


def test_a_command_names_nobody_but_itself(alice: Caller) -> None:
    call_command("promote_admin", alice.id, stdout=StringIO())

    assert told("role_changed") == (alice.id, None, {"role": ["user", "admin"]}, "to_admin")
    assert AuthEvent.objects.get().user_agent == "manage.py promote_admin"


def test_events_are_found_by_who_acted(admin: Caller, alice: Caller) -> None:
    admin.patch(f"/api/admin/users/{alice.id}", {"role": "admin"})
    alice.post("/api/auth/logout")

    found = admin.get(f"/api/admin/auth-events?actor={admin.id}").json["data"]

    assert [(event["kind"], event["subject"]) for event in found] == [("role_changed", alice.id)]
