"""Both stores keep the same windows; what is passed in replaces their clocks."""

import random
import uuid
from functools import partial
from types import SimpleNamespace
from typing import Literal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.limits import in_database
from core.limits.allowances import SECOND, Rate
from core.limits.in_database import DatabaseWindows, WindowStore, prune_windows
from core.limits.in_redis import RedisWindows
from core.models import RateWindow
from testing.callers import in_parallel

START = 1_700_000_000 * SECOND
FIVE = Rate(5, 60)
THREE = Rate(3, 60)


@pytest.fixture(params=["database", "redis"])
def store(request: pytest.FixtureRequest, db: None) -> WindowStore:
    if request.param == "redis":
        return RedisWindows(request.getfixturevalue("redis_url"))
    return DatabaseWindows()


def at(seconds: float) -> int:
    return START + int(seconds * SECOND)


# Each line: the second of the attempt, then what is left, or how long to wait.
Outcome = tuple[float, Literal["left", "wait"], int]


def walk(store: WindowStore, rate: Rate, outcomes: list[Outcome], *, lockout: bool = False) -> None:
    key = uuid.uuid4()
    for second, kind, expected in outcomes:
        allowance = store.admit(key, rate, lockout=lockout, now=at(second))
        found = allowance.remaining if allowance.is_admitted else allowance.retry_after_seconds
        assert (second, "left" if allowance.is_admitted else "wait", found) == (second, kind, expected)


@pytest.mark.parametrize(
    "outcomes",
    [
        pytest.param([(0, "left", 2), (0, "left", 1), (0, "left", 0), (0, "wait", 60), (60, "left", 2)], id="burst"),
        pytest.param(
            # No double burst around the border of a fixed window.
            [
                (58, "left", 2),
                (59, "left", 1),
                (59.5, "left", 0),
                (60, "wait", 58),
                (117.9, "wait", 1),
                (118, "left", 0),
            ],
            id="sliding",
        ),
        pytest.param(
            [
                *[(0, "left", 2), (1, "left", 1), (2, "left", 0), (3, "wait", 57), (30, "wait", 30), (59.9, "wait", 1)],
                *[(60, "left", 0), (60.5, "wait", 1), (61, "left", 0), (62, "left", 0), (62, "wait", 58)],
            ],
            id="knocking does not extend it",
        ),
        pytest.param([(0, "left", 2), (200, "left", 2), (200, "left", 1)], id="idle"),
    ],
)
def test_a_window_slides(store: WindowStore, outcomes: list[Outcome]) -> None:
    walk(store, THREE, outcomes)


def test_a_lockout_lasts_from_the_newest_attempt(store: WindowStore) -> None:
    outcomes: list[Outcome] = [(0, "left", 2), (50, "left", 1), (55, "left", 0), (61, "wait", 54), (114.5, "wait", 1)]
    walk(store, THREE, [*outcomes, (115, "left", 2)], lockout=True)


def test_without_reaching_the_limit_a_lockout_is_a_window(store: WindowStore) -> None:
    walk(store, THREE, [(0, "left", 2), (30, "left", 1), (61, "left", 1), (91, "left", 1)], lockout=True)


def test_a_limit_of_one(store: WindowStore) -> None:
    walk(store, Rate(1, 60), [(0, "left", 0), (59, "wait", 1), (60, "left", 0), (60, "wait", 60)])


def test_reset_tells_when_more_is_allowed(store: WindowStore) -> None:
    key = uuid.uuid4()
    assert store.admit(key, THREE, now=at(0)).reset_seconds == 60
    assert store.admit(key, THREE, now=at(10.5)).reset_seconds == 50


def test_what_is_released_may_be_used_again(store: WindowStore) -> None:
    key = uuid.uuid4()
    for _ in range(3):
        store.admit(key, THREE, lockout=True, now=at(0))
    assert not store.admit(key, THREE, lockout=True, now=at(1)).is_admitted

    store.release(key)

    assert store.admit(key, THREE, lockout=True, now=at(2)).is_admitted
    assert not store.admit(key, THREE, lockout=True, now=at(3)).is_admitted


def test_keys_are_counted_apart(store: WindowStore) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    assert store.admit(one, Rate(1, 60), now=at(0)).is_admitted
    assert store.admit(other, Rate(1, 60), now=at(0)).is_admitted


def test_no_sixty_seconds_admit_more_than_the_limit_and_none_too_few(store: WindowStore) -> None:
    key, dice, now = uuid.uuid4(), random.Random(7), START  # noqa: S311 - repeatable, not secret
    admitted: list[int] = []
    for _ in range(400):
        now += dice.choice([0, SECOND // 10, SECOND, 5 * SECOND, 20 * SECOND, 60 * SECOND])
        expected = sum(instant > now - 60 * SECOND for instant in admitted) < 5
        assert store.admit(key, FIVE, now=now).is_admitted == expected
        if expected:
            admitted.append(now)
    assert len(admitted) > 100


def test_the_stores_own_clock_is_used_without_another(store: WindowStore) -> None:
    key = uuid.uuid4()
    assert [store.admit(key, Rate(2, 3600)).is_admitted for _ in range(3)] == [True, True, False]
    retry_after = store.admit(key, Rate(2, 3600)).retry_after_seconds
    assert retry_after is not None
    assert 3590 <= retry_after <= 3600


@pytest.mark.parametrize("kind", ["database", "redis"])
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_exactly_five_of_fifty_at_once(kind: str, request: pytest.FixtureRequest) -> None:
    store: WindowStore = DatabaseWindows()
    if kind == "redis":
        store = RedisWindows(request.getfixturevalue("redis_url"))
    for _ in range(3):
        key = uuid.uuid4()
        allowances = in_parallel([partial(store.admit, key, FIVE)] * 50)
        left = sorted(allowance.remaining for allowance in allowances if allowance.is_admitted)
        assert left == [0, 1, 2, 3, 4]


@pytest.mark.django_db
def test_a_refusal_writes_nothing() -> None:
    key = uuid.uuid4()
    DatabaseWindows().admit(key, Rate(1, 60))

    with CaptureQueriesContext(connection) as queries:
        assert not DatabaseWindows().admit(key, Rate(1, 60)).is_admitted

    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db(transaction=True)
def test_counting_within_a_transaction_that_might_take_it_back_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        DatabaseWindows().admit(uuid.uuid4(), FIVE)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        DatabaseWindows().release(uuid.uuid4())


@pytest.mark.django_db
def test_pruning_deletes_in_batches_what_no_longer_counts() -> None:
    for _ in range(5):
        DatabaseWindows().admit(uuid.uuid4(), FIVE, now=at(0))
    live = uuid.uuid4()
    DatabaseWindows().admit(live, FIVE)

    assert [prune_windows(2) for _ in range(4)] == [2, 2, 1, 0]
    assert list(RateWindow.objects.values_list("key", flat=True)) == [live]


@pytest.mark.django_db
def test_a_window_is_pruned_when_its_attempts_no_longer_count(monkeypatch: pytest.MonkeyPatch) -> None:
    key = uuid.uuid4()
    DatabaseWindows().admit(key, FIVE, now=at(0))

    for second, pruned in ((59, 0), (60, 0), (61, 1)):
        monkeypatch.setattr(in_database, "time", SimpleNamespace(time_ns=lambda second=second: at(second) * 1000))
        assert prune_windows(10) == pruned, second

    assert not RateWindow.objects.filter(key=key).exists()
