"""For a transaction that takes locks in another order than those it meets."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import OperationalError, transaction

from core.sql.statements import limit_waits

T = TypeVar("T")

# Shorter than what PostgreSQL waits before it looks for a deadlock (deadlock_timeout, 1 s) and ends one of the two.
PATIENCE_MS: Final = 100
GIVE_UP_SECONDS: Final = 5.0
# lock_not_available, deadlock_detected.
IN_THE_WAY: Final = ("55P03", "40P01")


def give_way(act: Callable[[], T]) -> T:
    """``act`` in a transaction that lets go of all it holds when it would have to wait, from ``wait_briefly`` on, and
    begins anew.

    So whoever waits for it in turn goes on, and never is the one that a deadlock is ended by. Raises the
    ``OperationalError`` of the last try when that has gone on for five seconds. SQLite's transactions have the
    database to themselves.
    """
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            with transaction.atomic():
                return act()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in IN_THE_WAY or time.monotonic() > deadline:
                raise


def wait_briefly() -> None:
    """From here to the end of the transaction: what was locked before was waited for with empty hands."""
    limit_waits(PATIENCE_MS)
