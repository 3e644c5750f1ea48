from dataclasses import dataclass
from typing import Final, NamedTuple

from core.errors import TooManyRequests

# Windows are counted in microseconds.
SECOND: Final = 1_000_000


class Allowance(NamedTuple):
    """What counting one attempt found. Seconds are whole and rounded up."""

    limit: int
    remaining: int
    # Until more is allowed than now.
    reset_seconds: int
    # None: the attempt was admitted.
    retry_after_seconds: int | None = None

    @property
    def is_admitted(self) -> bool:
        return self.retry_after_seconds is None

    def refusal(self, code: str) -> TooManyRequests:
        seconds = self.retry_after_seconds or self.reset_seconds
        return TooManyRequests(code, limit=self.limit, retry_after_seconds=seconds)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` events in any ``seconds``."""

    count: int
    seconds: int


def room_left(rate: Rate, used: int, oldest: int, now: int) -> Allowance:
    """Of a window that admitted an attempt at ``now``, its ``used``th."""
    return Allowance(rate.count, max(0, rate.count - used), _whole_seconds(oldest + rate.seconds * SECOND - now))


def no_room(rate: Rate, wait: int) -> Allowance:
    """Of a window that is full for so many microseconds."""
    seconds = _whole_seconds(wait)
    return Allowance(rate.count, 0, seconds, seconds)


def _whole_seconds(microseconds: int) -> int:
    """Rounded up, so that whoever waits so long is not early; at least 1."""
    return max(1, -(-microseconds // SECOND))
