"""What a message in English asks for: deterministic, by patterns. Of people and tasks it knows what it is told."""

from collections.abc import Callable
from datetime import datetime

from assistant.understanding.earlier import NOTHING_EARLIER, Earlier, Told
from assistant.understanding.meanings import Guidance, Intent, Understanding

__all__ = ["Earlier", "Guidance", "Intent", "Told", "Understanding", "understand"]


def understand(
    message: str,
    now: datetime,
    earlier: Earlier = NOTHING_EARLIER,
    *,
    knows: Callable[[str], bool] = lambda words: False,
    day_first: bool = False,
) -> Understanding:
    """``now`` is aware, in the person's zone; ``knows`` tells whether words name a task the person has, ``day_first``
    whether "5/6" is in June. Never raises but what ``knows`` does.

    The first call takes a tenth of a second longer.
    """
    # Here, because it compiles the patterns, which most processes (every command of manage.py) have no use for.
    from assistant.understanding import reading

    return reading.understand(message, now, earlier, knows=knows, day_first=day_first)
