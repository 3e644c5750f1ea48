"""What a message in English asks for: deterministic, by patterns. Knows nothing of people and tasks."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import import_module

from assistant.understanding.meanings import Guidance, Intent, Understanding

__all__ = ["Guidance", "Intent", "Understanding", "understand"]


def understand(message: str, now: datetime, before: str | None = None) -> Understanding:
    """``now`` is aware, in the person's zone; ``before`` is what the assistant said last. Never raises.

    The first call takes a tenth of a second longer: it compiles the patterns, which most processes
    (every command of manage.py) have no use for.
    """
    return _reader()(message, now, before)


@cache
def _reader() -> Callable[[str, datetime, str | None], Understanding]:
    reader: Callable[[str, datetime, str | None], Understanding]
    reader = import_module("assistant.understanding.reading").understand
    return reader
