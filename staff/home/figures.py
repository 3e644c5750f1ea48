"""How many of what there were, a day and an hour, of everybody. Each figure is a range of an index; of days that are
over it is counted once and kept, by ``prune`` or by the first page that lacks it.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Collate, TruncHour

from accounts.limits import OVER_GENERAL_LIMIT
from accounts.models import AuthEvent, User
from staff.models import DailyCount
from tasks.models import Task

DAYS: Final = 30
HOURS: Final = 24
Kind = DailyCount.Kind
# Who did one of these is counted as active. Where an outside issuer logs people in we see none of it.
CAME: Final = ("signup", "login", "refresh")
FAILED: Final = "login_failed"
# Logins, and what else is tried: mails asked for, turns of the chat.
THROTTLED: Final = "throttled"
# Of days that nobody has counted, a page counts so many; then as many more as take no longer than this at that pace.
FIRST_DAYS: Final = 3
SECONDS: Final = 1.0

Counts = Mapping[tuple[date, str], int]


def by_day(now: datetime) -> dict[str, dict[date, int | None]]:
    """The last ``DAYS``, today the last. None: not counted yet."""
    days = last_days(now)
    found = _kept_of(days[:-1])
    found |= _counted(days[-1], _missing(days[:-1], found))
    return {kind: {day: found.get((day, kind)) for day in days} for kind in Kind.values}


def last_days(now: datetime) -> list[date]:
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]


def keep_past_days(now: datetime) -> None:
    """A day after the other, in short statements. Safe to run twice at once."""
    past = last_days(now)[:-1]
    for day in _missing(past, _kept_of(past)):
        _keep(count([day]))


def forget_old_days(now: datetime) -> int:
    return DailyCount.objects.filter(day__lt=last_days(now)[0]).delete()[0]


def _kept_of(days: Sequence[date]) -> dict[tuple[date, str], int]:
    rows = DailyCount.objects.filter(day__gte=days[0], day__lte=days[-1])
    return {(day, kind): counted for day, kind, counted in rows.values_list("day", "kind", "count")}


def _missing(days: Sequence[date], found: Counts) -> list[date]:
    """The newest first."""
    return [day for day in reversed(days) if any((day, kind) not in found for kind in Kind.values)]


def _counted(today: date, missing: Sequence[date]) -> Counts:
    """Of today, and of as many of the missing days as there is time for, which are kept."""
    begun = time.monotonic()
    found = count([today, *missing[:FIRST_DAYS]])
    pace = (time.monotonic() - begun) / (1 + FIRST_DAYS)
    if further := missing[FIRST_DAYS : max(FIRST_DAYS, int(SECONDS / max(pace, 1e-6)))]:
        found |= count(further)
    if missing:
        _keep({key: counted for key, counted in found.items() if key[0] != today})
    return found


def _keep(found: Counts) -> None:
    rows = [DailyCount(day=day, kind=kind, count=counted) for (day, kind), counted in found.items()]
    # Somebody else may have counted them meanwhile.
    DailyCount.objects.bulk_create(rows, ignore_conflicts=True)


def count(days: Sequence[date]) -> dict[tuple[date, str], int]:
    """One statement, however many days."""
    keys = [(day, kind) for day in days for kind in Kind.values]
    parts = [_part(number, *_rows_of(kind, day)) for number, (day, kind) in enumerate(keys)]
    found = dict(parts[0].union(*parts[1:], all=True))
    return {key: found.get(number, 0) for number, key in enumerate(keys)}


def _rows_of(kind: str, day: date) -> tuple[QuerySet[Any], Count]:
    begin = datetime.combine(day, time_of_day(), UTC)
    column = "completed_at" if kind == Kind.COMPLETED else "created_at"
    within = Q(**{f"{column}__gte": begin, f"{column}__lt": begin + timedelta(days=1)})
    if kind == Kind.SIGNUPS:
        return User.objects.filter(within), Count("*")
    if kind == Kind.ACTIVE:
        return AuthEvent.objects.filter(within, kind__in=CAME), Count(_subject(), distinct=True)
    return Task.objects.filter(within), Count("*")


def _subject() -> Any:
    """PostgreSQL sorts to tell equal ones, and by code point in a third of the time."""
    return Collate("subject", "C") if connection.vendor == "postgresql" else F("subject")


def _part(number: int, rows: QuerySet[Any], counted: Count) -> QuerySet[Any]:
    numbered: QuerySet[Any] = rows.order_by().annotate(part=Value(number)).values("part")
    part: QuerySet[Any] = numbered.annotate(counted=counted).values_list("part", "counted")
    return part


def by_hour(now: datetime) -> dict[str, dict[datetime, int]]:
    """The last ``HOURS``, the present one the last. What is repeated by knocking is counted as often."""
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=number) for number in range(HOURS - 1, -1, -1)]
    found = {(kind, hour): counted for kind, hour, counted in _hourly(hours[0])}
    return {kind: {hour: found.get((kind, hour), 0) for hour in hours} for kind in (FAILED, THROTTLED)}


def _hourly(since: datetime) -> Iterator[tuple[str, datetime, int]]:
    rows = AuthEvent.objects.filter(created_at__gte=since, kind__in=(FAILED, THROTTLED))
    # That limit protects capacity, and says nothing of guesses.
    tried = rows.exclude(reason=OVER_GENERAL_LIMIT).order_by()
    hourly = tried.annotate(hour=TruncHour("created_at", tzinfo=UTC)).values("kind", "hour")
    yield from hourly.annotate(counted=Sum("count")).values_list("kind", "hour", "counted")
