from datetime import datetime

from django.contrib.sessions.models import Session

from core.sql.batches import delete_all
from staff.home import figures
from staff.models import ConversationReader


def prune(now: datetime) -> dict[str, int]:
    """Deletes what has expired and says how many rows of what, and keeps what days came to that are over. Safe to run
    twice at once.
    """
    figures.keep_past_days(now)
    return {
        "sessions of the staff site": delete_all(Session.objects.filter(expire_date__lt=now)),
        "permissions to read conversations": delete_all(ConversationReader.objects.filter(until__lt=now)),
        "figures of days": figures.forget_old_days(now),
    }
