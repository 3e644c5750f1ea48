from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from core.sql.statements import is_distributed

# Rows of one short statement.
BATCH: Final = 1000


def delete_batch(stale: QuerySet[Any], batch: int) -> int:
    """Deletes up to ``batch`` of these rows, in a transaction of its own; returns how many.

    Rows that another transaction has locked are left to it: two that delete at once share the work
    and never wait for each other.
    """
    # Citus locks no rows of several machines: there two that delete at once may wait for each other.
    chosen = stale if is_distributed() else stale.select_for_update(skip_locked=True)
    with transaction.atomic():
        keys = list(chosen.order_by().values_list("pk", flat=True)[:batch])
        deleted, _ = stale.filter(pk__in=keys).delete()
    return deleted


def delete_all(stale: QuerySet[Any]) -> int:
    """A batch after the other; returns how many rows there were."""
    return repeat(lambda batch: delete_batch(stale, batch))


def repeat(delete: Callable[[int], int]) -> int:
    """Calls it with a batch's size until it deletes nothing; returns how many it deleted."""
    total = 0
    while deleted := delete(BATCH):
        total += deleted
    return total
