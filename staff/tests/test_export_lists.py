"""Lists as CSV: what is ticked, or all that match, and nothing that a spreadsheet would run."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthEvent, Session, User
from staff import streams, tables
from tasks.models import Task
from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

USERS, TASKS = "/admin/accounts/user/", "/admin/tasks/task/"
LISTS = (USERS, TASKS, "/admin/accounts/session/", "/admin/accounts/authevent/")


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.getvalue().decode(), newline="")))


def test_all_that_match_each_once_and_no_more(
    site: Client, alice: Caller, bob: Caller, make_task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "AT_ONCE", 3)
    made = [make_task(alice, f"Task {number}", tags=["home", "garden"]) for number in range(7)]
    make_task(bob, "Bob's own")

    found = rows(site.post(f"{TASKS}csv/?q={alice.id}"))

    assert [row["id"] for row in found] == [str(task.id) for task in reversed(made)]
    assert (found[0]["title"], found[0]["completed"], found[0]["priority"]) == ("Task 6", "false", "medium")
    assert (found[0]["tags"], found[0]["due_at"]) == (" ".join(made[0].tags), "")
    assert len(rows(site.post(f"{TASKS}csv/"))) == 8


def test_the_event_tells_how_many_rows_of_what(site: Client, admin: Caller, alice: Caller) -> None:
    rows(site.post(f"{USERS}csv/"))

    event = AuthEvent.objects.get()
    assert (event.kind, event.subject, event.actor, event.reason, event.changes) == (
        "data_exported",
        admin.id,
        admin.id,
        "csv of user",
        {"rows": [None, 2]},
    )


# The end of an answer gives its connection back.
@pytest.mark.django_db(transaction=True)
def test_who_hangs_up_is_told_of_with_what_they_got(
    site: Client, alice: Caller, make_task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "AT_ONCE", 2)
    for number in range(6):
        make_task(alice, f"Task {number}")
    monkeypatch.setattr(tables, "gathered", lambda lines: (line.encode() for line in lines))

    answer = site.post(f"{TASKS}csv/")
    next(iter(answer))
    answer.close()

    event = AuthEvent.objects.get()
    assert event.changes is not None
    assert event.changes["rows"][1] < 6


def test_only_what_is_ticked(site: Client, alice: Caller, make_task: Callable[..., Task]) -> None:
    one, _ = make_task(alice), make_task(alice)

    found = rows(site.post(TASKS, {"action": "export_these", "_selected_action": [str(one.id)]}))

    assert [row["id"] for row in found] == [str(one.id)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", '="'])
def test_nothing_begins_as_a_formula(site: Client, alice: Caller, start: str) -> None:
    text = f'{start}HYPERLINK("https://evil.example.com","x"),\n2'
    User.objects.filter(id=alice.id).update(name=text)

    [row] = [row for row in rows(site.post(f"{USERS}csv/")) if row["id"] == alice.id]

    assert row["name"] == f"'{text}"


def test_every_list_has_it_and_none_shows_a_hash(site: Client, alice: Caller, make_task: Callable[..., Task]) -> None:
    make_task(alice)

    for page in LISTS:
        assert "Export all that match" in site.get(page).content.decode()
        text = site.post(f"{page}csv/").getvalue().decode()
        assert len(text.splitlines()) > 1
        assert Session.objects.get(user_id=alice.id).refresh_hash not in text


def test_a_query_that_makes_no_sense_exports_nothing(site: Client, alice: Caller) -> None:
    answer = site.post(f"{USERS}csv/?password__startswith=a")

    assert answer.status_code == 302
    assert not AuthEvent.objects.exists()


def test_a_link_exports_nothing(site: Client) -> None:
    assert site.get(f"{USERS}csv/").status_code == 405
