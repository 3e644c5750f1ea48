"""Reads the short words of the tables of cases for when something is due."""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHIFTED: Final = ("wd", "md", "eo")
# From the first day on, up to the second.
Days = tuple[date, date]


def is_due(due_at: datetime | None, spelled: str, now: datetime) -> bool:
    """``now`` in the person's zone; several are parted by ``|``."""
    return any(_fits(due_at, one, now) for one in spelled.split("|"))


def _fits(due_at: datetime | None, spelled: str, now: datetime) -> bool:
    if spelled in ("none", "any") or due_at is None:
        return spelled == "any" or (spelled == "none" and due_at is None)
    local = due_at.astimezone(now.tzinfo)
    if match := re.fullmatch(r"([hm])\+(\d+)", spelled):
        wanted = timedelta(**{"hours" if match[1] == "h" else "minutes": int(match[2])})
        return abs(due_at - now - wanted) <= timedelta(minutes=2)
    if spelled.startswith("at "):
        return f"{local:%H:%M}" == spelled[3:] and timedelta() < due_at - now <= timedelta(days=1, hours=1)
    return _is_on(local, spelled, now)


def _is_on(local: datetime, spelled: str, now: datetime) -> bool:
    day, _, clock = spelled.partition(" ")
    shift = 0
    if day[:2] in SHIFTED and (match := re.search(r"(?<=[a-z\d])([+-]\d+)$", day)) and not _is_date(day):
        shift, day = int(match[1]), day[: match.start()]
    first, last = (edge + timedelta(days=shift) for edge in days(day, now.date()))
    if not first <= local.date() < last:
        return False
    start, _, until = clock.partition("-")
    return not start or start <= f"{local:%H:%M}" <= (until or start)


def _is_date(day: str) -> bool:
    """ "md:02-14" itself ends as a shift does."""
    return bool(re.fullmatch(r"md:\d\d-\d\d", day))


def instant(spelled: str, now: datetime) -> datetime:
    """Of "d+3 17:00"."""
    day, _, clock = spelled.partition(" ")
    return datetime.combine(days(day, now.date())[0], datetime.strptime(clock, "%H:%M").time(), now.tzinfo)  # noqa: DTZ007 - a time of day


def days(spelled: str, today: date) -> Days:
    name, _, rest = spelled.partition(":")
    if match := re.fullmatch(r"d([+-]\d+)", spelled):
        return _one(today + timedelta(days=int(match[1])))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", spelled):
        return _one(date.fromisoformat(spelled))
    return READERS[name](rest, today)


def week(today: date, ahead: int) -> Days:
    monday = today - timedelta(days=today.weekday() - 7 * ahead)
    return monday, monday + timedelta(days=7)


def _one(day: date) -> Days:
    return day, day + timedelta(days=1)


def _weekday(rest: str, today: date) -> Days:
    return _one(today + timedelta(days=(WEEKDAYS.index(rest) - today.weekday() - 1) % 7 + 1))


def _weekday_of_next_week(rest: str, today: date) -> Days:
    return _one(week(today, 1)[0] + timedelta(days=WEEKDAYS.index(rest)))


def _month(year: int, month: int) -> Days:
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return first, first + timedelta(days=calendar.monthrange(first.year, first.month)[1])


def _next_month(rest: str, today: date) -> Days:
    first, after = _month(today.year, today.month + 1)
    return _one(first + timedelta(days=int(rest) - 1)) if rest else (first, after)


def _month_of_year(rest: str, today: date) -> Days:
    return _month(today.year + (int(rest) < today.month), int(rest))


def _day_of_year(rest: str, today: date) -> Days:
    month, day = map(int, rest.split("-"))
    years = (today.year + ahead for ahead in range(9) if day <= calendar.monthrange(today.year + ahead, month)[1])
    return _one(next(found for year in years if (found := date(year, month, day)) >= today))


def _day_of_month(rest: str, today: date) -> Days:
    months = (_month(today.year, today.month + ahead) for ahead in range(4))
    found = (first + timedelta(days=int(rest) - 1) for first, after in months if int(rest) <= (after - first).days)
    return _one(next(day for day in found if day >= today))


def _weekend(ahead: int) -> Callable[[str, date], Days]:
    def read(rest: str, today: date) -> Days:
        saturday = week(today, ahead)[0] + timedelta(days=5)
        return saturday, saturday + timedelta(days=2)

    return read


def _nth(rest: str, today: date) -> Days:
    number, weekday = rest.split(":")
    first = _month(today.year, today.month + 1)[0]
    return _one(first + timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7 + 7 * (int(number) - 1)))


READERS: Final[Mapping[str, Callable[[str, date], Days]]] = {
    "wd": _weekday,
    "wd2": _weekday_of_next_week,
    "nw": lambda rest, today: week(today, 1),
    "week": lambda rest, today: week(today, 0),
    "nm": _next_month,
    "mo": _month_of_year,
    "md": _day_of_year,
    "dom": _day_of_month,
    # Of the month's last day; a week ends on Friday or on Sunday.
    "eom": lambda rest, today: _one(_month(today.year, today.month)[1] - timedelta(days=1)),
    "eow": lambda rest, today: (week(today, 0)[1] - timedelta(days=3), week(today, 0)[1]),
    "we": _weekend(0),
    "we2": _weekend(1),
    "nth": _nth,
}
