"""What this app no longer needs. These statements sweep over all owners, and belong to a command alone."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts import limits
from accounts.models import AuthEvent, PersonalToken, RecoveryToken, RefusedToken, Session, TokenCutoff
from core.sql.batches import delete_all, repeat

# After its end: clocks differ, and an outside token is taken until half a minute after its expiry.
GRACE: Final = timedelta(days=1)


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    over = now - GRACE
    return {
        "sessions": delete_all(Session.objects.filter(Q(expires_at__lt=over) | Q(ended_at__lt=over))),
        "personal tokens": delete_all(PersonalToken.objects.filter(expires_at__lt=over)),
        "auth events": delete_all(
            AuthEvent.objects.filter(created_at__lt=now - timedelta(days=settings.AUTH_EVENT_DAYS))
        ),
        "recovery tokens": delete_all(RecoveryToken.objects.filter(expires_at__lt=now)),
        "refused tokens": delete_all(RefusedToken.objects.filter(expires_at__lt=over)),
        "token cut-offs": delete_all(TokenCutoff.objects.filter(expires_at__lt=over)),
        "limit counters": repeat(limits.prune),
    }
