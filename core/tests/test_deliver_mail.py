"""The outbox, with a real mail server."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from core.mail import delivery, outbox
from core.mail.delivery import Letter, deliver_due
from core.models import OutgoingMail
from testing.callers import in_parallel
from testing.mail_server import MailServer, text_of
from testing.service import free_port

TO = "carol@example.com"


def write(mail: OutgoingMail) -> Letter | None:
    return Letter("Hello", f"To {mail.user_id}", f"<p>To {mail.user_id}</p>") if mail.user_id else None


@pytest.fixture(autouse=True)
def _writer(db: None, settings: Settings, mail_server: MailServer) -> None:
    settings.MAIL_WRITERS = {"greeting": f"{__name__}.write"}


def enqueue(count: int = 1) -> None:
    for number in range(count):
        outbox.enqueue("greeting", recipient=TO, user_id=f"user-{number}")


def age(by: timedelta) -> None:
    waiting = OutgoingMail.objects.get()
    OutgoingMail.objects.update(due_at=waiting.due_at - by, created_at=waiting.created_at - by)


def test_a_mail_is_sent_once_and_leaves_the_outbox(mail_server: MailServer) -> None:
    enqueue()

    assert (deliver_due(), deliver_due()) == (1, 0)
    assert [text_of(mail).strip() for mail in mail_server.mails] == ["To user-0"]
    assert not OutgoingMail.objects.exists()


def test_one_without_a_reason_any_more_is_dropped(mail_server: MailServer) -> None:
    outbox.enqueue("greeting", recipient=TO)

    assert deliver_due() == 0
    assert mail_server.mails == []
    assert not OutgoingMail.objects.exists()


def test_what_rolls_back_is_not_sent(mail_server: MailServer) -> None:
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)

    assert deliver_due() == 0
    assert mail_server.mails == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_many_that_deliver_at_once_send_each_mail_once(mail_server: MailServer) -> None:
    enqueue(20)

    assert sum(in_parallel([deliver_due] * 6)) == 20
    assert sorted(text_of(mail).strip() for mail in mail_server.mails) == sorted(f"To user-{n}" for n in range(20))


def test_a_dead_mail_server_delays_a_mail_and_loses_none(mail_server: MailServer, settings: Settings) -> None:
    enqueue()
    settings.EMAIL_PORT = free_port()
    assert deliver_due() == 0
    waiting = OutgoingMail.objects.get()
    assert timedelta(seconds=5) < waiting.due_at - timezone.now() < timedelta(seconds=11)
    assert deliver_due() == 0

    settings.EMAIL_PORT = mail_server.port
    age(timedelta(seconds=11))

    assert deliver_due() == 1


def test_the_second_try_has_the_same_message_id(mail_server: MailServer) -> None:
    enqueue()
    row = OutgoingMail.objects.get()
    # As after a worker that died between the mail server's yes and the deletion of the row.
    deliver_due()
    row.save(force_insert=True)
    deliver_due()

    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_delays_grow_to_an_hour(mail_server: MailServer) -> None:
    enqueue()
    mail_server.refuses_texts = "451 later"
    for seconds in (10, 30, 120, 600, 1800, 3600, 3600, 3600):
        since = timezone.now()
        deliver_due()
        delay = timedelta(seconds=seconds)
        assert since + delay <= OutgoingMail.objects.get().due_at <= timezone.now() + delay
        OutgoingMail.objects.update(due_at=timezone.now())


def test_it_is_given_up_after_a_day(mail_server: MailServer) -> None:
    enqueue()
    mail_server.refuses_texts = "451 later"
    age(timedelta(hours=23))
    deliver_due()
    assert OutgoingMail.objects.exists()

    age(timedelta(hours=2))
    deliver_due()

    assert not OutgoingMail.objects.exists()


def test_who_has_taken_one_on_has_two_minutes_for_it() -> None:
    enqueue()
    now = timezone.now()

    taken = delivery._take_on(now)  # noqa: SLF001 - between two steps of one call

    assert taken is not None
    assert OutgoingMail.objects.get().due_at == now + timedelta(minutes=2)
    assert delivery._take_on(now) is None  # noqa: SLF001 - as above


@pytest.mark.parametrize("refuses", ["refuses_recipients", "refuses_texts"])
@pytest.mark.parametrize(
    ("answer", "is_final"),
    [("500 unknown", True), ("550 no such mailbox", True), ("599 odd", True), ("499 odd", False), ("450 busy", False)],
)
def test_what_is_refused_for_good_is_given_up_at_once(
    mail_server: MailServer, refuses: str, answer: str, is_final: bool
) -> None:
    enqueue()
    setattr(mail_server, refuses, answer)

    deliver_due()

    assert OutgoingMail.objects.exists() != is_final


def test_what_the_operator_has_to_mend_is_tried_again(mail_server: MailServer) -> None:
    enqueue()
    mail_server.refuses_senders = "550 who are you"

    deliver_due()

    assert OutgoingMail.objects.exists()


def test_one_that_cannot_be_sent_does_not_keep_the_others(mail_server: MailServer) -> None:
    enqueue(3)
    mail_server.refuses_recipients = "550 no such mailbox"
    deliver_due()
    mail_server.refuses_recipients = ""
    enqueue(2)

    assert deliver_due() == 2


def test_one_that_cannot_be_written_is_given_up_and_does_not_keep_the_others(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.enqueue("greeting", recipient="carol@\u00ad.com", user_id="user-0")
    enqueue()

    assert deliver_due() == 1
    assert not OutgoingMail.objects.exists()
    own = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "given up: NotWritable" in own
    assert "carol" not in own


def test_the_log_names_no_address_and_no_text(mail_server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    enqueue()
    mail_server.refuses_recipients = f"550 no mailbox {TO}"

    with caplog.at_level(logging.DEBUG):
        deliver_due()

    # The mail server of the tests writes down all it hears.
    own = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "given up" in own
    assert "550" in own
    assert TO not in own
    assert "user-0" not in own


def test_what_is_called_off_is_of_one_purpose_and_user() -> None:
    for purpose, user_id in (("greeting", "user-0"), ("greeting", "user-1"), ("other", "user-0")):
        outbox.enqueue(purpose, recipient=TO, user_id=user_id)
    off, *rest = OutgoingMail.objects.order_by("id")

    outbox.call_off("greeting", user_id="user-0")

    assert [outbox.is_called_off(mail) for mail in (off, *rest)] == [True, False, False]


def test_an_old_one_is_pruned(mail_server: MailServer) -> None:
    enqueue()
    age(timedelta(hours=47))
    assert delivery.prune(timezone.now()) == {"unsent mails": 0}
    age(timedelta(hours=2))

    assert delivery.prune(timezone.now()) == {"unsent mails": 1}


def test_who_delivers_hears_of_a_mail_once_it_is_committed(
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    outbox.news.clear()

    with django_capture_on_commit_callbacks(execute=True):
        enqueue()
        assert not outbox.news.is_set()

    assert outbox.news.is_set()
