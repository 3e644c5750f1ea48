"""Rows that have had their time. For ``manage.py prune``, which no user waits for."""

from datetime import datetime
from typing import Final

from tasks.idempotency import KEPT
from tasks.models import IdempotencyKey

BATCH: Final = 1000


def prune(now: datetime, batch: int = BATCH) -> int:
    """Deletes the idempotency keys that no longer count, ``batch`` rows a statement; returns how many."""
    expired = IdempotencyKey.objects.filter(created_at__lte=now - KEPT).values_list("pk", flat=True)
    total = 0
    while ids := list(expired[:batch]):
        deleted, _ = IdempotencyKey.objects.filter(pk__in=ids).delete()
        total += deleted
    return total
