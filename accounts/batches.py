from typing import Any

from django.db import transaction
from django.db.models import QuerySet


def delete_batch(stale: QuerySet[Any], batch: int) -> int:
    """Deletes up to ``batch`` of these rows, in a transaction of its own; returns how many.

    Rows that another transaction has locked are left to it: two that delete at once share the work
    and never wait for each other.
    """
    with transaction.atomic():
        keys = list(stale.order_by().select_for_update(skip_locked=True).values_list("pk", flat=True)[:batch])
        deleted, _ = stale.filter(pk__in=keys).delete()
    return deleted
