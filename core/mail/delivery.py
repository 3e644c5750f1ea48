"""Takes mails out of the outbox and hands them to the mail server, outside of every request.

Of all workers one takes a mail on, and has a minute; who dies meanwhile leaves it to the next. So a mail is sent at
least once, and the ``Message-ID`` of a second copy is that of the first.
"""

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import OutgoingMail
from core.sql.batches import delete_all

logger = logging.getLogger(__name__)

# Longer than a delivery can take (EMAIL_TIMEOUT for each step of the dialogue).
LEASE: Final = timedelta(minutes=2)
# After the first failure, the second, ...; the last of them over and over.
DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1800, 3600))
# A letter that comes a day late helps nobody.
GIVEN_UP_AFTER: Final = timedelta(days=1)
PERMANENT: Final = range(500, 600)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is in a mail; ``html`` says the same as ``text``."""

    subject: str
    text: str
    html: str


class NotWritable(Exception):
    """No mail can be written to such an address."""


# None: there is no reason any more to send it.
Writer = Callable[[OutgoingMail], Letter | None]


def deliver_due() -> int:
    """Sends what is due, one mail after the other; returns how many the mail server took."""
    sent = 0
    while mail := _take_on(timezone.now()):
        sent += _deliver(mail)
    return sent


def _take_on(now: datetime) -> OutgoingMail | None:
    """The next that is due, put off for everybody else."""
    due = OutgoingMail.objects.filter(due_at__lte=now).order_by("due_at")
    with transaction.atomic():
        mail = due.select_for_update(skip_locked=True).first()
        # Where rows cannot be locked, the condition decides between two.
        if mail and OutgoingMail.objects.filter(id=mail.id, due_at=mail.due_at).update(
            due_at=now + LEASE, attempts=mail.attempts + 1
        ):
            mail.attempts += 1
            return mail
    return None


def _deliver(mail: OutgoingMail) -> bool:
    writer: Writer = import_string(settings.MAIL_WRITERS[mail.purpose])
    letter = writer(mail)
    if letter is not None:
        try:
            _message(mail, letter).send()
        # smtplib's own errors are OSErrors too.
        except (OSError, NotWritable) as error:
            _put_off(mail, error)
            return False
    OutgoingMail.objects.filter(id=mail.id).delete()
    return letter is not None


def _message(mail: OutgoingMail, letter: Letter) -> EmailMultiAlternatives:
    """Raises ``NotWritable``."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {
        "Message-ID": f"<{mail.id}@{domain}>",
        # RFC 3834: no answering machine answers this.
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[mail.recipient], headers=headers)
    message.attach_alternative(letter.html, "text/html")
    try:
        message.message()
    except ValueError as error:
        raise NotWritable from error
    return message


def _put_off(mail: OutgoingMail, error: OSError | NotWritable) -> None:
    """Never with the server's own words, which name the recipient."""
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(id=mail.id)
    if _is_refused(error) or now - mail.created_at > GIVEN_UP_AFTER:
        logger.warning("Mail %s (%s) is given up: %s", mail.id, mail.purpose, _told(error))
        waiting.delete()
        return
    logger.warning("Mail %s (%s) could not be sent yet: %s", mail.id, mail.purpose, _told(error))
    waiting.update(due_at=now + DELAYS[min(mail.attempts, len(DELAYS)) - 1])


def _is_refused(error: OSError | NotWritable) -> bool:
    """For good, and for this recipient or text. A refused login or sender is the operator's to mend."""
    if isinstance(error, NotWritable):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code in PERMANENT


def _told(error: OSError | NotWritable) -> str:
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
    return f"{type(error).__qualname__} {code}" if code else type(error).__qualname__


def prune(now: datetime) -> dict[str, int]:
    """What waited in vain: there has been no mail server for as long."""
    return {"unsent mails": delete_all(OutgoingMail.objects.filter(created_at__lt=now - 2 * GIVEN_UP_AFTER))}
