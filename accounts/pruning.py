"""What this app no longer needs. These statements sweep over all owners, and belong to a command alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts import throttling
from accounts.batches import delete_batch
from accounts.models import AuthEvent, RefusedToken, Session, TokenCutoff

# Rows of one short statement.
BATCH: Final = 1000
# After its end: clocks differ, and an outside token is taken until half a minute after its expiry.
GRACE: Final = timedelta(days=1)


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    over = now - GRACE
    return {
        "sessions": _delete(Session.objects.filter(Q(expires_at__lt=over) | Q(ended_at__lt=over))),
        "auth events": _delete(AuthEvent.objects.filter(created_at__lt=now - timedelta(days=settings.AUTH_EVENT_DAYS))),
        "refused tokens": _delete(RefusedToken.objects.filter(expires_at__lt=over)),
        "token cut-offs": _delete(TokenCutoff.objects.filter(expires_at__lt=over)),
        "limit counters": _repeat(throttling.prune),
    }


def _delete(stale: QuerySet[Any]) -> int:
    return _repeat(lambda batch: delete_batch(stale, batch))


def _repeat(delete: Callable[[int], int]) -> int:
    total = 0
    while deleted := delete(BATCH):
        total += deleted
    return total
