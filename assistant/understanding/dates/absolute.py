"""Dates that a calendar has, by dateutil: loaded at the first message that holds one.

Imported inside the functions, because it takes some 20 ms and 5 MB, which neither the start of a process nor most
messages need.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from assistant.understanding.dates.words import ORDINALS

# 29 February may be up to eight years away (1896 to 1904).
YEARS_AHEAD: Final = 9
SLASHED: Final = re.compile(r"(\d{1,2})[/](\d{1,2})(?:[/](\d{4}))?")
HOLIDAYS: Final[Mapping[str, tuple[int, int]]] = {
    "christmas eve": (12, 24),
    "(?:christmas|xmas)(?: day)?": (12, 25),
    "new year['’]?s eve": (12, 31),
    "new year['’]?s(?: day)?": (1, 1),
    "valentine['’]?s(?: day)?": (2, 14),
    "halloween": (10, 31),
}


def read_calendar(text: str, today: date, *, day_first: bool) -> date | None:
    """``day_first`` decides where both orders would do: "5/6", not "31/12"."""
    text = text.removeprefix("the ")
    if text[:4].isdecimal():
        # dateutil takes "2026-05-03" for 5 March where days come first.
        return date(*map(int, text.split("-")))
    if slashed := SLASHED.fullmatch(text):
        first, second, year = int(slashed[1]), int(slashed[2]), slashed[3]
        day, month = (first, second) if (day_first or first > 12) and second <= 12 else (second, first)
        return date(int(year), month, day) if year else _next(month, day, today)
    for word, number in ORDINALS.items():
        if text.startswith(f"{word} of "):
            text = f"{number}{text[len(word) :]}"
    return read_date(text.rstrip("."), today)


def _next(month: int, day: int, today: date) -> date | None:
    for year in range(today.year, today.year + YEARS_AHEAD):
        with suppress(ValueError):
            if (found := date(year, month, day)) >= today:
                return found
    return None


def read_date(text: str, today: date) -> date | None:
    """Without a year: the next such day, today included."""
    for year in range(today.year, today.year + YEARS_AHEAD):
        day = _parsed(text, year)
        if day is None:
            continue
        # Whoever writes the year means it, even where it is over.
        if day >= today or _parsed(text, year + 1) == day:
            return day
    return None


def _parsed(text: str, year: int) -> date | None:
    from dateutil import parser

    try:
        parsed = parser.parse(text, default=datetime(year, 1, 1), dayfirst=True)  # noqa: DTZ001 - only its date is taken
    except (ValueError, OverflowError):
        return None
    return parsed.date()


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the last where there is none such. Raises ``ValueError`` beyond the calendar."""
    from dateutil.relativedelta import relativedelta

    return day + relativedelta(months=months)
