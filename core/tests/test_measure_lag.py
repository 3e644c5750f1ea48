import pytest

from core.sql.replica.lag import Lag

pytestmark = pytest.mark.once


def test_a_replica_that_has_everything_is_not_behind_however_long_nobody_writes() -> None:
    lag = Lag()
    lag.note_written(100, at=0.0)

    assert lag.seconds(100, at=1.0) == 0.0
    lag.note_written(100, at=500.0)
    assert lag.seconds(100, at=501.0) == 0.0


def test_it_is_behind_since_the_primary_first_was_where_it_is_not_yet() -> None:
    lag = Lag()
    for at, position in enumerate((100, 200, 300, 300)):
        lag.note_written(position, at=float(at))

    assert lag.seconds(150, at=10.0) == 9.0
    # It comes after.
    assert lag.seconds(200, at=10.5) == 8.5
    assert lag.seconds(300, at=11.0) == 0.0


def test_one_that_stands_still_for_hours_is_behind_all_the_while() -> None:
    lag = Lag()
    for second in range(10_000):
        lag.note_written(second + 1, at=float(second))

    # As far back as is remembered.
    assert lag.seconds(0, at=10_000.0) == 600.0
