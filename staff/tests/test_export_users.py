"""A person's data, as one JSON document."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthEvent, Session
from staff import streams
from staff.tests.test_read_conversations import SECRET, let
from tasks import services
from tasks.models import Task
from testing.callers import Caller, make_token
from testing.conversations import make_talk

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def export(site: Client, owner: Caller) -> Any:
    answer = site.post(f"/admin/accounts/user/{owner.id}/export/")
    assert answer["Content-Disposition"] == f'attachment; filename="user-{owner.id}.json"'
    assert "no-store" in answer["Cache-Control"]
    return json.loads(answer.getvalue())


def test_all_of_theirs_and_nobody_elses(
    site: Client, admin: Caller, alice: Caller, bob: Caller, make_task: Callable[..., Task]
) -> None:
    kept = make_task(alice, 'A "quoted" title', tags=["home"])
    services.delete_task(alice.id, make_task(alice, "Thrown away").id)
    make_task(bob, "Bob's own")
    make_talk(alice, "Groceries", SECRET)
    make_talk(bob, "Bob's talk")
    token = make_token(alice.user)

    found = export(site, alice)

    assert (found["user"]["id"], found["user"]["email"]) == (alice.id, "alice@example.com")
    assert [task["id"] for task in found["tasks"]] == [str(kept.id)]
    assert (found["tasks"][0]["title"], found["tasks"][0]["priority"]) == ('A "quoted" title', "medium")
    assert [task["title"] for task in found["trash"]] == ["Thrown away"]
    assert {entry["task_id"] for entry in found["history"]} >= {str(kept.id)}
    assert [row["title"] for row in found["conversations"]] == ["Groceries"]
    assert len(found["sessions"]) == len(found["personal_tokens"]) == 1
    text = json.dumps(found)
    # By name, and not by three letters of an id.
    assert not re.search(r"\bBob\b", text)
    assert SECRET not in text
    assert token not in text
    assert Session.objects.get(user_id=alice.id).refresh_hash not in text
    event = AuthEvent.objects.get(kind="data_exported")
    assert (event.subject, event.actor, event.reason) == (alice.id, admin.id, "")


def test_what_they_said_goes_along_with_who_may_read_it(site: Client, admin: Caller, alice: Caller) -> None:
    make_talk(alice, "Groceries", SECRET)
    let(admin)

    [talk] = export(site, alice)["conversations"]

    assert [said["content"] for said in talk["messages"]] == [SECRET]
    assert AuthEvent.objects.get(kind="data_exported").reason == "with_texts"


def test_many_rows_come_in_batches_each_once(
    site: Client, alice: Caller, make_task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "AT_ONCE", 3)
    made = [make_task(alice) for _ in range(7)]

    found = export(site, alice)

    assert [task["id"] for task in found["tasks"]] == [str(task.id) for task in made]
