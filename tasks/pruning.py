"""What this app no longer needs. The statements sweep over all owners, and belong to a command alone."""

from datetime import datetime

from accounts.batches import delete_all
from tasks.idempotency import KEPT
from tasks.models import IdempotencyKey


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    return {"idempotency keys": delete_all(IdempotencyKey.objects.filter(created_at__lte=now - KEPT))}
