"""Words for days and stretches of days: "tomorrow", "next friday", "in 3 weeks", "on 3 May"."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from assistant.understanding.dates.absolute import add_months, read_date

# From the first day on, up to the second one: as ranges are, without it.
Stretch = tuple[date, date]

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
LONG_MONTH: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
NUMBERS: Final[Mapping[str, int]] = {
    word: number
    for number, words in enumerate(
        ("", "a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
    for word in words.split()
} | {"a couple of": 2, "a few": 3}
NUMBER: Final = rf"(?:\d{{1,4}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
WEEKDAY: Final = rf"(?:{'|'.join(WEEKDAYS)})"
# Short names are words too ("sat", "sun", "wed"), so these need what comes before a date.
SHORT: Final = (
    r"(?<=\bon )(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)|(?<=\bby )(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
)

DAY: Final = re.compile(
    r"\b(?:"
    r"(?P<near>(?:the )?day after tomorrow|today|tonight|tomorrow|tmrw|tmr)"
    rf"|(?P<week>next|this|coming)(?: coming)? (?P<of_week>{WEEKDAY}|mon|tue|wed|thu|fri|sat|sun)"
    rf"|(?P<weekday>{WEEKDAY}|{SHORT})"
    r"|(?P<ending>(?:the )?end of (?:the |this )?(?:next )?(?:day|week|month|year)|eod|eow|eom)"
    r"|(?P<stretch>(?:this|next|the) weekend|(?:this|next) (?:week|month|year))"
    rf"|(?:in|within) (?P<count>{NUMBER}) (?P<unit>day|week|month|year)s?(?:['’] time)?"
    rf"|(?P<count_from>{NUMBER}) (?P<unit_from>day|week|month|year)s? from (?:now|today)"
    r"|(?P<calendar>\d{4}-\d{1,2}-\d{1,2}(?![\d-])"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{4}"
    r"|(?<=on )\d{1,2}/\d{1,2}(?![\d/])|(?<=by )\d{1,2}/\d{1,2}(?![\d/])|(?<=due )\d{1,2}/\d{1,2}(?![\d/])"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}\b\.?(?:,? \d{{4}}\b(?!:))?"
    rf"|{MONTH}\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? \d{{4}}\b(?!:))?)"
    rf"|(?:on|by) the (?P<of_month>\d{{1,2}})(?:st|nd|rd|th)(?!(?: of)? {MONTH})"
    rf"|(?:in|by) (?P<month>{LONG_MONTH})(?! ?\d)"
    r")(?!['’]s\b)(?![\w-])",
    re.IGNORECASE,
)


def read_day(match: re.Match[str], today: date) -> Stretch | None:
    """None where there is no such day. Raises ``OverflowError`` or ``ValueError`` beyond the calendar."""
    found = {name: text.lower() for name, text in match.groupdict().items() if text}
    for name, read in READERS.items():
        if name in found:
            return read(found, today)
    return None


def _one(day: date) -> Stretch:
    return day, day + timedelta(days=1)


def _near(found: Mapping[str, str], today: date) -> Stretch:
    words = found["near"]
    return _one(today + timedelta(days=2 if "after" in words else 0 if words in ("today", "tonight") else 1))


def _weekday(found: Mapping[str, str], today: date) -> Stretch:
    """Never today: who means today says so."""
    return _one(today + timedelta(days=(_number_of(found["weekday"]) - today.weekday() - 1) % 7 + 1))


def _of_week(found: Mapping[str, str], today: date) -> Stretch:
    """ "next friday" is the Friday of the week after this one, weeks beginning with Monday."""
    wanted = _number_of(found["of_week"])
    if found["week"] == "next":
        return _one(_monday(today) + timedelta(days=7 + wanted))
    return _one(today + timedelta(days=(wanted - today.weekday()) % 7))


def _number_of(weekday: str) -> int:
    return next(number for number, name in enumerate(WEEKDAYS) if name.startswith(weekday[:3]))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _stretch(found: Mapping[str, str], today: date) -> Stretch:
    which, unit = found["stretch"].split()
    if unit != "weekend":
        return _unit(unit, today, ahead=int(which == "next"))
    saturday = _monday(today) + timedelta(days=12 if which == "next" else 5)
    return saturday, saturday + timedelta(days=2)


def _unit(unit: str, today: date, *, ahead: int) -> Stretch:
    if unit == "day":
        return _one(today + timedelta(days=ahead))
    if unit == "week":
        monday = _monday(today) + timedelta(weeks=ahead)
        return monday, monday + timedelta(weeks=1)
    months = 1 if unit == "month" else 12
    first = add_months(today.replace(day=1) if months == 1 else today.replace(month=1, day=1), ahead * months)
    return first, add_months(first, months)


def _ending(found: Mapping[str, str], today: date) -> Stretch:
    words = found["ending"]
    unit = {"eod": "day", "eow": "week", "eom": "month"}.get(words, words.split()[-1])
    _, after = _unit(unit, today, ahead=int("next" in words))
    return after - timedelta(days=1), after


def _ahead(count: str, unit: str, today: date) -> Stretch:
    number = NUMBERS.get(count) or int(count)
    if unit in ("day", "week"):
        return _one(today + timedelta(days=number * (7 if unit == "week" else 1)))
    return _one(add_months(today, number * (12 if unit == "year" else 1)))


def _calendar(found: Mapping[str, str], today: date) -> Stretch | None:
    text = found["calendar"].removeprefix("the ")
    # dateutil takes "2026-05-03" for 5 March where days come first.
    day = date(*map(int, text.split("-"))) if text[:4].isdecimal() else read_date(text, today)
    return _one(day) if day else None


def _of_month(found: Mapping[str, str], today: date) -> Stretch | None:
    wanted = int(found["of_month"])
    if not 1 <= wanted <= 31:
        return None
    first = today.replace(day=1)
    months = (add_months(first, ahead) for ahead in range(3))
    days = (month + timedelta(days=wanted - 1) for month in months)
    return next((_one(day) for day in days if day.day == wanted and day >= today), None)


def _month(found: Mapping[str, str], today: date) -> Stretch:
    """The next one that is not over."""
    ahead = (LONG_MONTH.split("|").index(found["month"]) + 1 - today.month) % 12
    return _unit("month", today, ahead=ahead)


READERS: Final[Mapping[str, Callable[[Mapping[str, str], date], Stretch | None]]] = {
    "near": _near,
    "of_week": _of_week,
    "weekday": _weekday,
    "ending": _ending,
    "stretch": _stretch,
    "count": lambda found, today: _ahead(found["count"], found["unit"], today),
    "count_from": lambda found, today: _ahead(found["count_from"], found["unit_from"], today),
    "calendar": _calendar,
    "of_month": _of_month,
    "month": _month,
}
