"""When a task is due after a part of that was changed."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.tools.moving import moved
from core.errors import Invalid

pytestmark = pytest.mark.once

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=ROME)
DUE = datetime(2026, 3, 27, 17, 30, tzinfo=ROME)


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"shift_days": 1}, "2026-03-28T17:30:00+01:00"),
        # Behind the night in which summer time begins.
        ({"shift_days": 2}, "2026-03-29T17:30:00+02:00"),
        ({"shift_months": 1}, "2026-04-27T17:30:00+02:00"),
        ({"shift_months": -1, "shift_days": -1}, "2026-02-26T17:30:00+01:00"),
        ({"shift_minutes": 45}, "2026-03-27T18:15:00+01:00"),
        ({"shift_minutes": 48 * 60}, "2026-03-29T18:30:00+02:00"),
        ({"due_day": "2026-05-01"}, "2026-05-01T17:30:00+02:00"),
        ({"due_time": "08:15"}, "2026-03-27T08:15:00+01:00"),
        ({"due_day": "2026-05-01", "due_time": "08:15"}, "2026-05-01T08:15:00+02:00"),
        # An hour that there is not.
        ({"due_day": "2026-03-29", "due_time": "02:30"}, "2026-03-29T03:30:00+02:00"),
    ],
)
def test_what_is_not_said_stays_as_it_is(move: dict[str, Any], expected: str) -> None:
    assert moved(DUE, move, NOW).isoformat() == expected


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"due_day": "2026-03-12"}, "2026-03-12T23:59:00+01:00"),
        ({"due_time": "09:01"}, "2026-03-10T09:01:00+01:00"),
        ({"due_time": "09:00"}, "2026-03-11T09:00:00+01:00"),
    ],
)
def test_without_a_due_time_the_next_such_time_is_meant(move: dict[str, Any], expected: str) -> None:
    assert moved(None, move, NOW).isoformat() == expected


@pytest.mark.parametrize(("day", "expected"), [(9, "2026-03-10T10:00:00+01:00"), (10, "2026-03-10T10:00:00+01:00")])
def test_a_day_that_is_over_is_not_kept(day: int, expected: str) -> None:
    assert moved(datetime(2026, 3, day, 8, 0, tzinfo=ROME), {"due_time": "10:00"}, NOW).isoformat() == expected


def test_today_is_kept_though_its_time_is_over() -> None:
    due = datetime(2026, 3, 10, 8, 0, tzinfo=ROME)

    assert moved(due, {"due_time": "07:00"}, NOW).isoformat() == "2026-03-10T07:00:00+01:00"


def test_what_has_no_due_time_cannot_be_shifted() -> None:
    with pytest.raises(Invalid) as refused:
        moved(None, {"shift_days": 1}, NOW)

    assert refused.value.code == "no_due_time"
