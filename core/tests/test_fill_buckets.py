"""The buckets of the general limit: in a process of its own, and leased from one that all share."""

import time

import pytest

from core.errors import Unavailable
from core.limits.allowances import Rate
from core.limits.in_memory import RETRY_SECONDS, Buckets
from core.limits.in_redis import RedisLease
from testing import redis_server
from testing.callers import in_parallel

TEN = Rate(10, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_refills_evenly() -> None:
    clock = Clock()
    buckets = Buckets(TEN, clock=clock)

    assert [buckets.take("a").remaining for _ in range(10)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert buckets.take("a").retry_after_seconds == 6
    clock.now += 5.9
    assert not buckets.take("a").is_admitted
    clock.now += 0.2
    assert buckets.take("a").is_admitted
    clock.now += 1000
    assert buckets.take("a").remaining == 9


def test_idle_buckets_are_forgotten_and_used_ones_are_not() -> None:
    clock = Clock()
    buckets = Buckets(Rate(10, 60), clock=clock)
    for number in range(1000):
        buckets.take(f"user-{number}")
    for _ in range(10):
        buckets.take("busy")
    # Every ten seconds 1.7 tokens come back, and 2 are asked for.
    for _ in range(13):
        clock.now += 10
        buckets.take("busy")
        buckets.take("busy")

    assert not buckets.take("busy").is_admitted
    assert len(buckets) == 1


def test_no_more_than_the_limit_pass_in_parallel() -> None:
    buckets = Buckets(Rate(100, 3600))
    admitted = in_parallel([lambda: sum(buckets.take("a").is_admitted for _ in range(50))] * 8)
    assert sum(admitted) == 100


def test_counting_costs_under_a_fiftieth_of_a_millisecond() -> None:
    buckets = Buckets(Rate(1_000_000, 60))
    best = min(_seconds_each(buckets, 2000) for _ in range(5))
    assert best < 0.000_02


def _seconds_each(buckets: Buckets, calls: int) -> float:
    start = time.thread_time()
    for number in range(calls):
        buckets.take(f"user-{number % 100}")
    return (time.thread_time() - start) / calls


def test_processes_lease_from_one_bucket(redis_url: str) -> None:
    # 1% a minute comes back while this runs.
    rate = Rate(100, 6000)
    one, other = Buckets(rate, RedisLease(redis_url)), Buckets(rate, RedisLease(redis_url))

    allowances = [buckets.take("a") for _ in range(75) for buckets in (one, other)]

    assert sum(allowance.is_admitted for allowance in allowances) == 100
    refused = allowances[-1]
    assert (refused.limit, refused.remaining) == (100, 0)
    assert refused.retry_after_seconds is not None
    assert 50 <= refused.retry_after_seconds <= 60
    # Five at a time: the first has 4 of its lease and 95 in store.
    assert allowances[0].remaining == 99


def test_a_leased_token_comes_back_with_time(redis_url: str) -> None:
    buckets = Buckets(Rate(20, 2), RedisLease(redis_url))
    while buckets.take("a").is_admitted:
        pass
    time.sleep(0.25)
    assert buckets.take("a").is_admitted


@pytest.mark.usefixtures("needs_redis")
def test_while_the_shared_bucket_is_away_each_process_keeps_its_own() -> None:
    clock = Clock()
    with redis_server.running() as url:
        buckets = Buckets(TEN, RedisLease(url), clock)
        assert buckets.take("a").is_admitted
    assert sum(buckets.take("b").is_admitted for _ in range(20)) == 10

    # It does not ask again for a while, then finds out that it is still away.
    clock.now += RETRY_SECONDS + 1
    assert buckets.take("c").is_admitted


@pytest.mark.usefixtures("needs_redis")
def test_when_the_shared_bucket_is_back_it_is_used_again() -> None:
    clock, is_away = Clock(), True
    with redis_server.running() as url:
        shared = RedisLease(url)

        def lease(subject: str, rate: Rate, wanted: int) -> tuple[int, int, float]:
            if is_away:
                raise Unavailable("unavailable", "Away.")
            return shared(subject, rate, wanted)

        buckets = Buckets(TEN, lease, clock)
        assert sum(buckets.take("a").is_admitted for _ in range(20)) == 10
        is_away = False
        assert not buckets.take("a").is_admitted
        clock.now += RETRY_SECONDS
        assert sum(buckets.take("a").is_admitted for _ in range(20)) == 10


def test_a_bucket_is_never_more_than_full() -> None:
    clock = Clock()
    buckets = Buckets(TEN, clock=clock)
    buckets.take("a")
    clock.now += 59

    assert buckets.take("a").remaining == 9


def test_what_costs_more_than_there_ever_is_costs_all_there_is() -> None:
    buckets = Buckets(TEN, clock=Clock())

    assert buckets.take("a", 50).is_admitted
    assert not buckets.take("a").is_admitted
