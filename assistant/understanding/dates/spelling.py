"""How dates are written to a person."""

from datetime import datetime
from typing import Final

from assistant.understanding.dates.words import LONG_MONTHS, WEEKDAYS

# How a due time without one is kept: the day's last minute.
END_OF_DAY: Final = (23, 59)


def show_day(day: datetime, now: datetime) -> str:
    """Names of our own: those of strftime follow the process's locale."""
    words = f"{WEEKDAYS[day.weekday()].title()} {day.day} {LONG_MONTHS[day.month - 1].title()}"
    return words if day.year == now.year else f"{words} {day.year}"


def show_moment(local: datetime, now: datetime) -> str:
    day = show_day(local, now)
    return day if (local.hour, local.minute) == END_OF_DAY else f"{day} at {local:%H:%M}"
