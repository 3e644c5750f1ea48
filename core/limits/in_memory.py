"""Token buckets in this process's memory: ``count`` at once, refilled evenly over ``seconds``.

They protect capacity and cost no write: without Redis each process keeps its own, with it a process
leases tokens in batches from one that all share, and may hold back at most a batch per caller.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from core.errors import Unavailable
from core.limits.allowances import Allowance, Rate

# For so long a process does not ask again after the shared store was away.
RETRY_SECONDS: Final = 5.0
# A lease is this part of the whole: a round trip for so many calls, and the most a process holds back.
LEASES: Final = 20


@dataclass(slots=True)
class Bucket:
    tokens: float
    at: float
    # Of a leased bucket: what the shared one still had, and when it may be asked again.
    shared: int = 0
    ask_at: float = 0.0


class Lease(Protocol):
    def __call__(self, subject: str, rate: Rate, wanted: int) -> tuple[int, int, float]:
        """Tokens granted, tokens left, and seconds until there is one. Raises ``Unavailable``."""


class Buckets:
    """One bucket for each subject, forgotten when idle so long that it is full again."""

    def __init__(self, rate: Rate, lease: Lease | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._per_second = rate.count / rate.seconds
        self._lease = lease
        self._clock = clock
        self._lock = Lock()
        self._away_until = 0.0
        self._own = Generations(rate.seconds, lambda now: Bucket(rate.count, now))
        self._leased = Generations(rate.seconds, lambda now: Bucket(0, now))

    def __len__(self) -> int:
        return len(self._own) + len(self._leased)

    def take(self, subject: str, cost: int = 1) -> Allowance:
        """All of ``cost`` or nothing; what costs more than there ever is costs all there is."""
        now, cost = self._clock(), min(cost, self._rate.count)
        if self._lease and now >= self._away_until:
            return self._take_leased(self._lease, subject, now, cost)
        return self._take_own(subject, now, cost)

    def _take_own(self, subject: str, now: float, cost: int) -> Allowance:
        count, per_second = self._rate.count, self._per_second
        with self._lock:
            bucket = self._own.get(subject, now)
            tokens = min(count, bucket.tokens + (now - bucket.at) * per_second)
            if is_admitted := tokens >= cost:
                tokens -= cost
            bucket.tokens, bucket.at = tokens, now
        reset = math.ceil((count - tokens) / per_second)
        return Allowance(count, int(tokens), reset, None if is_admitted else math.ceil((cost - tokens) / per_second))

    def _take_leased(self, lease: Lease, subject: str, now: float, cost: int) -> Allowance:
        with self._lock:
            bucket = self._leased.get(subject, now)
            if bucket.tokens < cost and now < bucket.ask_at:
                return self._answer(bucket, math.ceil(bucket.ask_at - now))
            if bucket.tokens >= cost:
                bucket.tokens -= cost
                return self._answer(bucket)
            wanted = max(cost - int(bucket.tokens), self._rate.count // LEASES)
            if self._away_until:
                # After an outage one thread looks; the others need not wait for it.
                self._away_until = now + RETRY_SECONDS
        # Not under the lock: this asks another machine.
        try:
            granted, left, wait = lease(subject, self._rate, wanted)
        except Unavailable:
            self._away_until = now + RETRY_SECONDS
            return self._take_own(subject, now, cost)
        with self._lock:
            self._away_until = 0.0
            bucket.shared, bucket.ask_at = left, now + wait
            bucket.tokens += granted
            if bucket.tokens < cost:
                missing = (cost - bucket.tokens - 1) / self._per_second
                return self._answer(bucket, math.ceil(wait + missing))
            bucket.tokens -= cost
            return self._answer(bucket)

    def _answer(self, bucket: Bucket, retry_after: int | None = None) -> Allowance:
        left = int(bucket.tokens) + bucket.shared
        reset = math.ceil((self._rate.count - left) / self._per_second)
        return Allowance(self._rate.count, left, reset, None if retry_after is None else max(1, retry_after))


class Generations:
    """A mapping that forgets what was not asked for during ``seconds`` to twice as long.

    Forgetting is to drop the older of two dictionaries: no sweep, no order to maintain.
    """

    def __init__(self, seconds: float, make: Callable[[float], Bucket]) -> None:
        self._seconds = seconds
        self._make = make
        self._young: dict[str, Bucket] = {}
        self._old: dict[str, Bucket] = {}
        self._turn_at = -math.inf

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, subject: str, now: float) -> Bucket:
        if now >= self._turn_at:
            self._old = self._young if now < self._turn_at + self._seconds else {}
            self._young = {}
            self._turn_at = now + self._seconds
        bucket = self._young.get(subject)
        if bucket is None:
            bucket = self._old.pop(subject) if subject in self._old else self._make(now)
            self._young[subject] = bucket
        return bucket
