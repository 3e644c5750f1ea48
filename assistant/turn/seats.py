"""How many of a worker's threads may wait for a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from django.conf import settings

from core.errors import Unavailable

# The other half is for those who just want their tasks.
SEATS: Final = settings.WORKER_THREADS // 2
_seats: Final = BoundedSemaphore(SEATS)


@contextmanager
def seat() -> Iterator[None]:
    """For a turn that waits for something outside. Raises ``Unavailable`` at once when all are taken."""
    if not _seats.acquire(blocking=False):
        raise Unavailable("chat_busy")
    try:
        yield
    finally:
        _seats.release()
