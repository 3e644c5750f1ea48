"""Dates that a calendar has, by dateutil: loaded at the first message that holds one.

Imported inside the functions, because it takes some 20 ms and 5 MB, which neither the start of a process nor most
messages need.
"""

from datetime import date, datetime
from typing import Final

# 29 February may be up to eight years away (1896 to 1904).
YEARS_AHEAD: Final = 9


def read_date(text: str, today: date) -> date | None:
    """Day before month, where both would do. Without a year: the next such day, today included."""
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
