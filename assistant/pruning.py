"""What this app no longer needs. The statements sweep over all owners, and belong to a command alone."""

from datetime import datetime, timedelta
from typing import Final

from assistant.models import PendingAction, TokenUse
from core.sql.batches import delete_all

# Until then who says yes is told that it was too late.
TOLD_FOR: Final = timedelta(days=1)
COUNTED_FOR: Final = timedelta(days=2)


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    return {
        "pending actions": delete_all(PendingAction.objects.filter(expires_at__lt=now - TOLD_FOR)),
        "token counts": delete_all(TokenUse.objects.filter(day__lt=(now - COUNTED_FOR).date())),
    }
