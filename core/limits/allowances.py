from dataclasses import dataclass
from typing import NamedTuple

from core.errors import TooManyRequests


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
