"""``MAX_SESSIONS``: who logs in once more ends their oldest session."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Session, User


@contextmanager
def one_after_the_other(user_id: str) -> Iterator[None]:
    """Two logins at once would not see each other's sessions. A change of the password waits too, or is waited for."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(id=user_id).values_list("id"))
        yield


def end_oldest(user_id: str, now: datetime) -> None:
    """To as many as there may be; reads no more than those and the one that is too many."""
    if not settings.MAX_SESSIONS:
        return
    live = Session.objects.filter(user_id=user_id, ended_at=None, expires_at__gt=now)
    beyond = list(live.order_by("-id").values_list("id", flat=True)[settings.MAX_SESSIONS :])
    if beyond:
        live.filter(id__in=beyond).update(ended_at=now)
