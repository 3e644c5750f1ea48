"""What is to be mailed waits in a table, so that no request waits for a mail server and none is lost with one."""

import threading
from typing import Final

from django.db import transaction
from django.utils import timezone

from core.ids import uuid7
from core.models import OutgoingMail

# Set when something new waits: who delivers in this process need not wait for the next look.
news: Final = threading.Event()


def enqueue(purpose: str, *, recipient: str, user_id: str = "") -> None:
    """To be sent once the caller's transaction has committed. The purpose is one of ``settings.MAIL_WRITERS``."""
    now = timezone.now()
    OutgoingMail.objects.create(
        id=uuid7(now), purpose=purpose, recipient=recipient, user_id=user_id, due_at=now, created_at=now
    )
    transaction.on_commit(news.set)


def call_off(purpose: str, *, user_id: str) -> None:
    """What about this user is still to be sent. Who has taken it on sees by ``is_called_off``."""
    OutgoingMail.objects.filter(purpose=purpose, user_id=user_id).delete()


def is_called_off(mail: OutgoingMail) -> bool:
    return not OutgoingMail.objects.filter(id=mail.id).exists()
