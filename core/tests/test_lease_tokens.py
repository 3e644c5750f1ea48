"""When a process asks the shared bucket for more, and when it knows the answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import Unavailable
from core.limits import in_redis
from core.limits.allowances import Allowance, Rate
from core.limits.in_memory import RETRY_SECONDS, Buckets
from core.limits.in_redis import RedisLease

# So many tokens granted, so many left, and seconds until there is one.
Granted = tuple[int, int, float]


class Shared:
    """A shared bucket that answers by a script, at instants of the test's own."""

    def __init__(self, *answers: Granted) -> None:
        self.now = 1000.0
        self.wanted: list[int] = []
        self._answers = iter(answers)
        self._buckets = Buckets(Rate(100, 60), self._lease, self._clock)

    def take(self) -> Allowance:
        return self._buckets.take("a")

    def _clock(self) -> float:
        return self.now

    def _lease(self, subject: str, rate: Rate, wanted: int) -> Granted:
        self.wanted.append(wanted)
        return next(self._answers)


def remaining(take: Callable[[], Allowance], times: int) -> list[int]:
    allowances = [take() for _ in range(times)]
    assert all(allowance.is_admitted for allowance in allowances)
    return [allowance.remaining for allowance in allowances]


def test_a_lease_is_used_up_before_more_is_asked_for() -> None:
    shared = Shared((3, 10, 0.0), (2, 8, 0.0))

    assert remaining(shared.take, 3) == [12, 11, 10]
    assert shared.wanted == [5]
    assert remaining(shared.take, 2) == [9, 8]
    assert shared.wanted == [5, 5]


def test_what_is_left_of_a_lease_is_given_though_the_shared_one_has_nothing_for_a_while() -> None:
    shared = Shared((3, 0, 9.0))

    assert remaining(shared.take, 3) == [2, 1, 0]
    assert shared.wanted == [5]


def test_after_a_refusal_nobody_asks_again_before_there_is_a_token() -> None:
    shared = Shared((0, 0, 2.5), (1, 0, 0.0))

    assert (shared.take().retry_after_seconds, len(shared.wanted)) == (3, 1)
    shared.now += 1.0
    assert (shared.take().retry_after_seconds, len(shared.wanted)) == (2, 1)
    shared.now += 1.5
    assert shared.take().is_admitted


def test_buckets_of_both_kinds_are_counted() -> None:
    def lease(subject: str, rate: Rate, wanted: int) -> Granted:
        if subject == "away":
            raise Unavailable("unavailable")
        return 5, 95, 0.0

    buckets = Buckets(Rate(100, 60), lease)
    assert len(buckets) == 0

    for subject in ("a", "b", "away"):
        buckets.take(subject)

    assert len(buckets) == 4


def test_who_is_refused_is_told_to_wait_a_second_at_least() -> None:
    assert Shared((0, 0, 0.0)).take().retry_after_seconds == 1


def test_while_the_shared_bucket_is_away_each_process_counts_alone_and_one_call_at_a_time_looks_for_it() -> None:
    now = 1000.0
    asked: list[str] = []

    def lease(subject: str, rate: Rate, wanted: int) -> Granted:
        asked.append(subject)
        if len(asked) > 1:
            # Who comes while another looks.
            assert buckets.take("late").remaining == 99
        raise Unavailable("unavailable")

    buckets = Buckets(Rate(100, 60), lease, lambda: now)

    assert [buckets.take("a").remaining for _ in range(3)] == [99, 98, 97]
    now += RETRY_SECONDS - 0.01
    assert buckets.take("b").is_admitted
    assert asked == ["a"]
    now += 0.02
    assert buckets.take("b").is_admitted
    assert asked == ["a", "b"]
    now += RETRY_SECONDS - 0.01
    assert buckets.take("c").is_admitted
    assert asked == ["a", "b"]


def test_a_twentieth_of_the_limit_is_leased_at_once() -> None:
    leased: list[int] = []

    def lease(subject: str, rate: Rate, wanted: int) -> Granted:
        leased.append(wanted)
        return wanted, 0, 0.0

    for count in (380, 399, 400):
        Buckets(Rate(count, 60), lease).take("a")

    assert leased == [19, 19, 20]


def test_redis_tells_the_wait_in_microseconds_and_a_lease_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def script(**call: Any) -> list[int]:
        asked.append(call)
        return [3, 7, 2_500_000]

    monkeypatch.setattr(in_redis, "connect", lambda url: SimpleNamespace(register_script=lambda text: script))

    assert RedisLease("redis://nowhere")("alice", Rate(100, 60), 5) == (3, 7, 2.5)
    assert asked == [{"keys": ["todo:bucket:alice"], "args": [100, 60, 5]}]
