from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from django.http import QueryDict
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.pruning import last_due
from core.rest.parameters import bad_parameter, read_boolean, single
from core.times import format_timestamp, parse_timestamp

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("text", "value"), [("", False), ("all=true", True), ("all=false", False), ("other=1", False)])
def test_a_flag_is_off_unless_it_is_true(text: str, value: bool) -> None:
    assert read_boolean(QueryDict(text), "all") is value


@pytest.mark.parametrize("text", ["all=", "all=1", "all=True", "all=true&all=true"])
def test_what_is_no_flag_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_boolean(QueryDict(text), "all")

    assert list(refused.value.detail) == ["all"]


def test_a_parameter_is_given_once_or_not_at_all() -> None:
    assert single(QueryDict("a=1&b=2"), "a") == "1"
    assert single(QueryDict("b=2"), "a") is None
    with pytest.raises(ValidationError, match="once"):
        single(QueryDict("a=1&a=1"), "a")
    assert bad_parameter("a", "No.", "odd").detail == {"a": [ErrorDetail("No.", "odd")]}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-14T10:00:00Z", datetime(2026, 1, 14, 10, tzinfo=UTC)),
        ("2026-01-14t10:00:00.5z", datetime(2026, 1, 14, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-14 01:00:00+02:30", datetime(2026, 1, 13, 22, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_with_any_offset(text: str, instant: datetime) -> None:
    assert parse_timestamp(text) == instant


@pytest.mark.parametrize(
    "text", ["", "2026-01-14", "2026-01-14T10:00:00", "2026-02-30T10:00:00Z", "0001-01-01T00:00:00+01:00", "x"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_timestamp(text)


def test_an_instant_is_written_in_utc_to_the_microsecond() -> None:
    east = timezone(timedelta(hours=2))

    assert format_timestamp(datetime(2026, 1, 14, 1, tzinfo=east)) == "2026-01-13T23:00:00.000000Z"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 1, 14, 3, tzinfo=UTC), datetime(2026, 1, 14, 3, tzinfo=UTC)),
        (datetime(2026, 1, 14, 2, 59, tzinfo=UTC), datetime(2026, 1, 13, 3, tzinfo=UTC)),
        (datetime(2026, 1, 14, 23, tzinfo=UTC), datetime(2026, 1, 14, 3, tzinfo=UTC)),
        (datetime(2026, 1, 14, 1, tzinfo=timezone(timedelta(hours=-3))), datetime(2026, 1, 14, 3, tzinfo=UTC)),
    ],
)
def test_it_was_due_at_that_time_of_the_last_day(now: datetime, due: datetime) -> None:
    assert last_due(time(3), now) == due
