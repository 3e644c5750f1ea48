"""What a message in English asks for: deterministic, by patterns. Knows nothing of people and tasks."""

from datetime import datetime

from assistant.understanding.meanings import Guidance, Intent, Understanding

__all__ = ["Guidance", "Intent", "Understanding", "understand"]


def understand(message: str, now: datetime, before: str | None = None) -> Understanding:
    """``now`` is aware, in the person's zone; ``before`` is what the assistant said last. Never raises.

    The first call takes a tenth of a second longer.
    """
    # Here, because it compiles the patterns, which most processes (every command of manage.py) have no use for.
    from assistant.understanding import reading

    return reading.understand(message, now, before)
