"""When a task is due after a part of that was changed: a day keeps its time, a time its day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from core.errors import Invalid

# Beside ``due_at`` of ``update_task``, for a provider that knows only what the person said.
MOVES: Final = ("due_day", "due_time", "shift_days", "shift_months", "shift_minutes")
LAST_MINUTE: Final = time(23, 59)


def moved(due_at: datetime | None, move: Mapping[str, Any], now: datetime) -> datetime:
    """``now`` in the person's zone. Raises ``Invalid`` where a task without a due time is to be shifted."""
    before = due_at.astimezone(now.tzinfo) if due_at else None
    if "due_day" in move or "due_time" in move:
        return _set(before, move, now)
    if before is None:
        raise Invalid("no_due_time", "It has no due time that could be moved; say when it is due.")
    day = _months_later(before.date(), move.get("shift_months", 0)) + timedelta(days=move.get("shift_days", 0))
    # Days and months are of the calendar, minutes of the clock.
    shifted = _instant(day, before.timetz().replace(tzinfo=None), now)
    return (shifted.astimezone(UTC) + timedelta(minutes=move.get("shift_minutes", 0))).astimezone(now.tzinfo)


def _set(before: datetime | None, move: Mapping[str, Any], now: datetime) -> datetime:
    if "due_day" in move:
        clock = time.fromisoformat(move["due_time"]) if "due_time" in move else before.time() if before else LAST_MINUTE
        return _instant(date.fromisoformat(move["due_day"]), clock, now)
    clock = time.fromisoformat(move["due_time"])
    if before and before.date() >= now.date():
        return _instant(before.date(), clock, now)
    # Of what has no day, or one that is over, the next such time is meant.
    today = _instant(now.date(), clock, now)
    return today if today > now else _instant(now.date() + timedelta(days=1), clock, now)


def _instant(day: date, clock: time, now: datetime) -> datetime:
    """What a change to summer time leaves out is an hour later."""
    return datetime.combine(day, clock, now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)


def _months_later(day: date, months: int) -> date:
    if not months:
        return day
    # Here, because dateutil takes 20 ms, which most turns need not pay.
    from dateutil.relativedelta import relativedelta

    return day + relativedelta(months=months)
