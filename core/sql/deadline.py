"""Until when the database may take, by this process's own clock: a server that is frozen minds no limit of its own, and
a network that swallows packets brings none.

Whoever serves a request says when it came (``begin``); all its statements together, and the waiting for a connection,
have ``DATABASE_SECONDS`` from then. Statements of nobody's request have as long each, those of commands for ever.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.conf import settings

from core.sql import serving

# Enough for a server that answers, too little to be waited for.
LAST_SECONDS: Final = 0.05

_since: Final[ContextVar[float | None]] = ContextVar("since", default=None)
_seconds: Final[ContextVar[float | None]] = ContextVar("seconds", default=None)


def begin(since: float) -> None:
    """``since``: by ``time.monotonic()``."""
    _since.set(since)


def end() -> None:
    _since.set(None)


def since() -> float:
    """When this request came; now, where none is served."""
    begun = _since.get()
    return time.monotonic() if begun is None else begun


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All of the block together, instead of what else there is time for."""
    begun, limit = _since.set(time.monotonic()), _seconds.set(seconds)
    try:
        yield
    finally:
        _since.reset(begun)
        _seconds.reset(limit)


@contextmanager
def begun_anew() -> Iterator[None]:
    """After the block, in which something else than the database is waited for."""
    try:
        yield
    finally:
        if _since.get() is not None:
            begin(time.monotonic())


def seconds_left() -> float | None:
    """None: there is no deadline."""
    seconds: float | None = _seconds.get() or settings.DATABASE_SECONDS
    if serving.is_command or not seconds:
        return None
    begun = _since.get()
    return seconds if begun is None else max(LAST_SECONDS, begun + seconds - time.monotonic())
