"""A user's page: who they are, and what they have."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuthEvent, Session, User
from tasks.models import Task
from testing.callers import Caller
from testing.conversations import make_talk

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

USERS = "/admin/accounts/user/"


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def tells_of_bob(page: str) -> bool:
    """By name, and not by three letters of a token that chance has made."""
    return re.search(r"\bBob\b", page) is not None


def test_what_they_have_is_counted_and_the_newest_shown(
    site: Client, alice: Caller, bob: Caller, make_task: Callable[..., Task]
) -> None:
    for number in range(7):
        make_task(alice, f"Task number {number}")
    make_task(bob, "Bob's own")
    AuthEvent.objects.create(kind="login", success=True, subject=alice.id, address="203.0.113.5")
    make_talk(alice, "About groceries", "the secret text")
    make_talk(bob, "Bob's talk")

    page = site.get(f"{USERS}{alice.id}/change/").content.decode()

    for title, total in {"Tasks": 7, "Sessions": 1, "Events": 1, "Conversations": 1}.items():
        assert f'{title} <span class="staff-count">{total}</span>' in page
    assert "Task number 6" in page
    assert "Task number 2" in page
    assert "Task number 1" not in page
    assert "203.0.113.5" in page
    assert "About groceries" in page
    assert "the secret text" not in page
    assert not tells_of_bob(page)


def test_each_kind_leads_to_the_whole_list_filtered_to_them(
    site: Client, alice: Caller, bob: Caller, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Alice's own")
    make_task(bob, "Bob's own")
    page = site.get(f"{USERS}{alice.id}/change/").content.decode()

    for path in ("tasks/task", "accounts/session", "accounts/authevent"):
        link = f"/admin/{path}/?q={alice.id}"
        assert link in page
        listed = site.get(link)
        assert listed.status_code == 200
        assert not tells_of_bob(listed.content.decode())
        assert bob.id not in listed.content.decode()
    assert f"{USERS}{alice.id}/conversations/" in page
    assert "Alice&#x27;s own" in site.get(f"/admin/tasks/task/?q={alice.id}").content.decode()


def test_the_page_costs_the_same_whatever_they_have(
    site: Client, alice: Caller, make_task: Callable[..., Task]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            site.get(f"{USERS}{alice.id}/change/")
        return len(caught)

    make_task(alice)
    make_talk(alice)
    # The first page of a session is what its eight hours are counted from.
    queries()
    few = queries()
    for _ in range(10):
        make_task(alice)
        make_talk(alice)
        AuthEvent.objects.create(kind="login", success=True, subject=alice.id)

    assert queries() == few


@pytest.mark.parametrize("term", ["lice@exam", "ALICE", "203.0.113.5", "2001:db8::7"])
def test_they_are_found_by_a_part_of_the_email_by_name_and_by_address(
    site: Client, alice: Caller, bob: Caller, term: str
) -> None:
    AuthEvent.objects.create(kind="login", success=True, subject=alice.id, address="203.0.113.5")
    AuthEvent.objects.create(kind="refresh", success=True, subject=alice.id, address="2001:db8::/64")
    AuthEvent.objects.create(kind="throttled", success=False, subject="", address="203.0.113.5")

    page = site.get(f"{USERS}?q={term}").content.decode()

    assert "alice@example.com" in page
    assert "bob@example.com" not in page


def test_they_are_found_by_id_and_by_the_address_of_a_session(site: Client, alice: Caller, bob: Caller) -> None:
    Session.objects.filter(user_id=bob.id).update(address="198.51.100.4")

    assert "bob@example.com" not in site.get(f"{USERS}?q={alice.id}").content.decode()
    assert "bob@example.com" in site.get(f"{USERS}?q=198.51.100.4").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("issuer=outside", {"out@example.com"}),
        ("issuer=here&role=user", {"alice@example.com", "bob@example.com"}),
        ("state=disabled", {"out@example.com"}),
        ("seen=7&role=user", {"alice@example.com"}),
        ("seen=longer", {"bob@example.com", "out@example.com"}),
    ],
)
def test_filters(
    site: Client, alice: Caller, bob: Caller, make_user: Callable[..., User], query: str, found: set[str]
) -> None:
    make_user("out@example.com", issuer="https://issuer.example.com", is_active=False)
    Session.objects.filter(user_id=bob.id).update(last_seen_at=timezone.now() - timedelta(days=40))

    page = site.get(f"{USERS}?{query}").content.decode()

    everybody = {"alice@example.com", "bob@example.com", "out@example.com"}
    assert {email for email in everybody if f">{email}<" in page} == found


def test_conversations_are_listed_by_title_page_by_page(
    site: Client, alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staff.pages.conversations.AT_ONCE", 2)
    for number in range(3):
        make_talk(alice, f"Talk {number}", "the secret text")
    make_talk(bob, "Bob's talk")

    first = site.get(f"{USERS}{alice.id}/conversations/").content.decode()
    older = first.partition("?before=")[2].partition('"')[0]
    second = site.get(f"{USERS}{alice.id}/conversations/?before={older}").content.decode()

    assert "Talk 2" in first
    assert "Talk 1" in first
    assert "Talk 0" in second
    assert not tells_of_bob(first + second)
    assert "the secret text" not in first + second


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00"])
def test_nonsense_in_the_address_is_no_error(site: Client, alice: Caller, before: Any) -> None:
    assert site.get(f"{USERS}{alice.id}/conversations/?before={before}").status_code == 200
    assert site.get(f"{USERS}nobody/conversations/").status_code == 404
    assert site.get(f"{USERS}{alice.id}/conversations/{'9' * 30}/").status_code == 404


def test_the_newest_changes_of_their_tasks_are_told_without_texts(
    site: Client, alice: Caller, bob: Caller, admin: Caller
) -> None:
    kept = alice.post(f"/api/{alice.id}/tasks", {"title": "Kept", "description": "the secret text"}).json["id"]
    gone = alice.post(f"/api/{alice.id}/tasks", {"title": "Thrown away"}).json["id"]
    alice.delete(f"/api/{alice.id}/tasks/{gone}")
    site.post(f"/admin/tasks/task/{kept}/act/complete/")
    bob.post(f"/api/{bob.id}/tasks", {"title": "Bob's own"})

    page = site.get(f"{USERS}{alice.id}/change/").content.decode()
    changes = page.partition('aria-label="Changes of tasks"')[2].partition("</section>")[0]

    assert 'Changes of tasks <span class="staff-count">4</span>' in page
    assert changes.count(f'href="/admin/tasks/task/{kept}/change/"') == 2
    assert changes.count("Kept") == 2
    assert gone not in changes
    assert "Thrown away" not in changes
    assert "the secret text" not in page
    assert not tells_of_bob(page)
    for word in ("themselves", admin.user.email, "staff", "api", "completed_at", "title, description", "trashed"):
        assert word in changes, word
