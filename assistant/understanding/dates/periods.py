"""Stretches of days: "this week", "the end of the month", "mid January", "early next week"."""

from collections.abc import Mapping
from datetime import date, timedelta

from assistant.understanding.dates.absolute import add_months
from assistant.understanding.dates.words import month_of

# From the first day on, up to the second one: as ranges are, without it.
Stretch = tuple[date, date]
Found = Mapping[str, str]


def one_day(day: date) -> Stretch:
    return day, day + timedelta(days=1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def unit_of(unit: str, today: date, *, ahead: int) -> Stretch:
    if unit == "day":
        return one_day(today + timedelta(days=ahead))
    if unit == "week":
        monday = monday_of(today) + timedelta(weeks=ahead)
        return monday, monday + timedelta(weeks=1)
    if unit == "weekend":
        saturday = monday_of(today) + timedelta(days=5 + 7 * ahead)
        return saturday, saturday + timedelta(days=2)
    months = 1 if unit == "month" else 12
    first = add_months(today.replace(day=1) if months == 1 else today.replace(month=1, day=1), ahead * months)
    return first, add_months(first, months)


def read_stretch(found: Found, today: date) -> Stretch:
    words = found["stretch"]
    if words.endswith("after next"):
        return unit_of("week", today, ahead=2)
    unit = words.split()[-1]
    is_ahead = ("next" in words or "following" in words or "coming" in words) and not (
        unit == "weekend" and "coming" in words
    )
    return unit_of(unit, today, ahead=int(is_ahead))


def month_ahead(name: str, today: date) -> Stretch:
    """The next one that is not over; "next march" said in March is the one of next year."""
    ahead = (month_of(name.removeprefix("next ")) - today.month) % 12
    return unit_of("month", today, ahead=ahead or 12 * name.startswith("next "))


def read_part(found: Found, today: date) -> Stretch:
    """What is early ends a third into it; the middle is one day."""
    words, which = found["part_of"], found["part"].split()
    unit = words.split()[-1]
    if unit in ("day", "week", "month", "year"):
        first, after = unit_of(unit, today, ahead=int("next" in words))
    else:
        first, after = month_ahead(words, today)
        unit = "month"
    length = (after - first).days
    if "end" in which or "late" in which or "later" in which:
        return (after - timedelta(days=1) if "end" in which else first + timedelta(days=2 * length // 3)), after
    if "mid" in which or "middle" in which:
        return _middle(first, after, unit, today)
    return first, first + timedelta(days=1 if {"beginning", "start"} & set(which) else max(1, length // 3))


def _middle(first: date, after: date, unit: str, today: date) -> Stretch:
    day = first + timedelta(days={"week": 2, "month": 14}.get(unit, (after - first).days // 2))
    if day < today and unit in ("week", "month"):
        day = day + timedelta(days=7) if unit == "week" else add_months(day, 1)
    return one_day(day)


def read_end(found: Found, today: date) -> Stretch:
    words = found["eo"].replace("-", " ")
    unit = {"eod": "day", "eow": "week", "eom": "month", "eoy": "year"}.get(words)
    if words.startswith("mid"):
        return read_part({"part": "mid", "part_of": "week" if "week" in words else "month"}, today)
    unit = unit or next(unit for unit in ("month", "week", "year") if unit in words)
    return read_part({"part": "end of", "part_of": unit}, today)
