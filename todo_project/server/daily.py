"""What a worker does once a day beside serving: ``prune``, in a thread that ends with it."""

import datetime
import logging
import threading
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

logger = logging.getLogger(__name__)

# After a start: what was due while nothing ran is made up for, but not while everything else begins.
SETTLING_SECONDS: Final = 5.0
# One that found no database tries again.
RETRY: Final = timedelta(minutes=10)


class DailyPruning:
    """Asked about once a second (``is_due``); what that costs is one comparison."""

    def __init__(self, settling_seconds: float = SETTLING_SECONDS) -> None:
        self._next = time.monotonic() + settling_seconds

    def start_if_due(self) -> None:
        if settings.PRUNE_AT is not None and time.monotonic() >= self._next:
            self._next = float("inf")
            threading.Thread(target=self._run, args=(settings.PRUNE_AT,), name="prune", daemon=True).start()

    def _run(self, at: datetime.time) -> None:
        # Django is set up by now; this module is loaded before.
        from core import pruning

        now = timezone.now()
        due_at = pruning.last_due(at, now)
        then = due_at + timedelta(days=1)
        try:
            if pruning.claim(due_at):
                for name, deleted in pruning.prune():
                    logger.info("Pruned %s: %d", name, deleted)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nothing was pruned: %s", type(error.__cause__ or error).__qualname__)
            then = now + RETRY
        finally:
            connection.close()
        self._next = time.monotonic() + (then - timezone.now()).total_seconds()
