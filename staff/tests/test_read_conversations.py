"""What people say to the assistant is read by those alone who were let, for a while, and never unseen."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuthEvent
from staff.models import ConversationReader
from testing.callers import Caller
from testing.conversations import make_talk

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

SECRET = "the secret text <b>bold</b>"


@pytest.fixture
def site(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def page_of(owner: Caller) -> str:
    return f"/admin/accounts/user/{owner.id}/conversations/{make_talk(owner, 'Groceries', SECRET).id}/"


def let(user: Caller, *options: str) -> str:
    said = StringIO()
    call_command("read_conversations", user.id, *options, stdout=said)
    return said.getvalue()


def test_no_admin_reads_them_unasked(site: Client, admin: Caller, alice: Caller) -> None:
    answer = site.get(page_of(alice))

    assert answer.status_code == 403
    assert "secret" not in answer.content.decode()
    assert f"read_conversations {admin.user.email}" in answer.content.decode()
    assert not AuthEvent.objects.exists()


def test_who_was_let_reads_them_and_each_look_is_an_event(site: Client, admin: Caller, alice: Caller) -> None:
    let(admin)
    page = page_of(alice)

    shown = site.get(page).content.decode()

    assert "the secret text &lt;b&gt;bold" in shown
    event = AuthEvent.objects.get(kind="conversation_read")
    assert (event.subject, event.actor) == (alice.id, admin.id)
    assert event.reason == page.rstrip("/").rpartition("/")[2]


def test_it_is_over_after_its_hours_and_when_it_is_stopped(site: Client, admin: Caller, alice: Caller) -> None:
    page = page_of(alice)
    let(admin, "--hours=2")
    left = ConversationReader.objects.get(user_id=admin.id).until - timezone.now()
    assert timedelta(hours=1.9) < left <= timedelta(hours=2)

    ConversationReader.objects.update(until=timezone.now())
    assert site.get(page).status_code == 403
    let(admin)
    let(admin, "--stop")
    assert site.get(page).status_code == 403


def test_letting_and_stopping_are_written_down(admin: Caller) -> None:
    let(admin)
    let(admin, "--stop")
    let(admin, "--stop")

    changes = AuthEvent.objects.filter(kind="role_changed").order_by("created_at").values_list("changes", flat=True)
    assert list(changes) == [{"reads_conversations": [False, True]}, {"reads_conversations": [True, False]}]


def test_who_is_no_admin_is_not_let(alice: Caller) -> None:
    with pytest.raises(CommandError, match="no admin"):
        let(alice)
    assert not ConversationReader.objects.exists()


def test_another_persons_conversation_is_not_under_this_one(
    site: Client, admin: Caller, alice: Caller, bob: Caller
) -> None:
    let(admin)

    assert site.get(page_of(alice).replace(alice.id, bob.id)).status_code == 404
    assert not AuthEvent.objects.filter(kind="conversation_read").exists()
