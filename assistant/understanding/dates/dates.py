"""Finds the words of a text that say when, and the instant they mean on the person's clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final

from assistant.understanding.dates.days import DAY, LONG_MONTH, NUMBER, NUMBERS, Stretch, read_day
from assistant.understanding.dates.hours import TIME, read_time

# Without one of these there is nothing to find; most texts have none.
HINT: Final = re.compile(
    rf"\d|{LONG_MONTH}|day\b|night|noon|midnight|tomorrow|tmr|week|month|year|\be(?:od|ow|om)\b|end of|hour|minute"
    r"|morning|evening|\b(?:on|by|next|this|coming) (?:mon|tue|wed|thu|fri|sat|sun)",
    re.IGNORECASE,
)
SOON: Final = re.compile(
    rf"\b(?:in|within) (?:(?P<half>half an hour)|(?P<count>{NUMBER}) (?P<unit>min(?:ute)?|h(?:ou)?r)s?)\b",
    re.IGNORECASE,
)
INSTANT: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)(?!\w)", re.IGNORECASE
)
JOINED: Final = re.compile(r"[\s,]*(?:(?:at|on|by|in|around|about)\b[\s,]*)?", re.IGNORECASE)
LEAD: Final = re.compile(
    r"(?:^|(?<=[\s,(]))(?:(?:(?:which |that )?(?:is|are) )?due )?(?:(?P<lead>by|before|on|at|until|till|for|from"
    r"|around|in"
    r"|starting|scheduled for|after|since) )?(?:the )?$|\bdue:? $",
    re.IGNORECASE,
)
# A text with more of them names none in particular.
MOST: Final = 8
LAST_MINUTE: Final = time(23, 59)
# Beyond these, zones have no rules, and soon there is no calendar.
YEARS: Final = range(1900, 9000)


@dataclass(frozen=True, slots=True)
class When:
    # Where its words are in the text, what leads to them included.
    start: int
    end: int
    # The word before, of those that a date has: "by", "on", ...; "" without one.
    lead: str
    first: datetime
    # Exclusive where no time was said; otherwise the same as ``first``.
    last: datetime
    has_time: bool
    # False where only a time was said, and the day is the next that has it.
    has_day: bool = True

    @property
    def due_at(self) -> datetime:
        """A day or stretch without a time is due when its last minute begins."""
        if self.has_time:
            return self.first
        # By the date: where summer time begins at midnight, the day's first moment is not its 00:00.
        after = self.first if self.lead == "before" else self.last
        return moment(datetime.combine(after.date() - timedelta(days=1), LAST_MINUTE), after)


def rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def moment(wall: datetime, clock: datetime) -> datetime:
    """The instant when ``clock``'s zone shows ``wall``; what a change to summer time leaves out is an hour later."""
    return wall.replace(tzinfo=clock.tzinfo).astimezone(UTC).astimezone(clock.tzinfo)


def find_dates(text: str, now: datetime) -> list[When]:
    """In the order of the text. What no calendar has is no date."""
    if not HINT.search(text):
        return []
    found = [_led(text, when) for when in _all(text, now)]
    return sorted(found, key=lambda when: when.start)


def read_date_alone(text: str, now: datetime) -> When | None:
    """What the text as a whole says, so "friday" but not "friday's lunch"."""
    text = text.strip(" .,!?")
    return next((when for when in find_dates(text, now) if (when.start, when.end) == (0, len(text))), None)


def _all(text: str, now: datetime) -> Iterator[When]:
    candidates = [_some(pattern, text) for pattern in (INSTANT, SOON, DAY, TIME)]
    if any(len(matches) > MOST for matches in candidates):
        return
    instants, soon, days, times = candidates
    exact = [*_instants(instants, now), *_soon(soon, now)]
    yield from exact
    taken = [(when.start, when.end) for when in exact]
    times = [match for match in times if not _overlaps(match, taken)]
    for day in days:
        stretch = None if _overlaps(day, taken) else _stretch_of(day, now.date())
        if stretch:
            hour = next((match for match in times if _touches(text, day, match)), None)
            taken += [day.span(), *([hour.span()] if hour else [])]
            yield _on_day(day, hour, stretch, now)
    for hour in times:
        # "morning" and the like need their day.
        if not _overlaps(hour, taken) and (not hour["part"] or " " in hour.group()):
            yield _today_or_tomorrow(hour, now)


def _some(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return list(islice(pattern.finditer(text), MOST + 1))


def _stretch_of(day: re.Match[str], today: date) -> Stretch | None:
    try:
        stretch = read_day(day, today)
    except (ValueError, OverflowError):
        return None
    return stretch if stretch and stretch[0].year in YEARS else None


def _overlaps(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in spans)


def _touches(text: str, day: re.Match[str], hour: re.Match[str]) -> bool:
    """ "3 May at 9" and "at 9 on 3 May", but not the 9 of "3 May 9:00" twice."""
    if hour.start() >= day.end():
        return bool(JOINED.fullmatch(text[day.end() : hour.start()]))
    return hour.end() <= day.start() and bool(JOINED.fullmatch(text[hour.end() : day.start()]))


def _on_day(day: re.Match[str], hour: re.Match[str] | None, stretch: Stretch, now: datetime) -> When:
    first, after = (moment(datetime.combine(edge, time()), now) for edge in stretch)
    start, end = day.span()
    tonight = (day["near"] or "").lower() == "tonight"
    if hour is None and not tonight:
        return When(start, end, "", first, after, has_time=False)
    if hour is not None:
        start, end = min(start, hour.start()), max(end, hour.end())
    clock = read_time(hour, at_night=tonight) if hour else time(21)
    # A stretch with a time ("end of the month at 9") is its last day.
    at = moment(datetime.combine(stretch[1] - timedelta(days=1), clock), now)
    return When(start, end, "", at, at, has_time=True)


def _today_or_tomorrow(hour: re.Match[str], now: datetime) -> When:
    clock = read_time(hour)
    at = moment(datetime.combine(now.date(), clock), now)
    if at <= now:
        at = moment(datetime.combine(now.date() + timedelta(days=1), clock), now)
    return When(*hour.span(), "", at, at, has_time=True, has_day=False)


def _soon(matches: list[re.Match[str]], now: datetime) -> Iterator[When]:
    for match in matches:
        minutes = 30
        if not match["half"]:
            count = match["count"].lower()
            minutes = (NUMBERS.get(count) or int(count)) * (1 if match["unit"].lower().startswith("m") else 60)
        at = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo).replace(microsecond=0)
        yield When(*match.span(), "", at, at, has_time=True)


def _instants(matches: list[re.Match[str]], now: datetime) -> Iterator[When]:
    for match in matches:
        try:
            at = datetime.fromisoformat(match.group().upper().replace(" ", "T", 1)).astimezone(now.tzinfo)
        except (ValueError, OverflowError):
            continue
        if at.year in YEARS:
            yield When(*match.span(), "", at, at, has_time=True)


def _led(text: str, when: When) -> When:
    """With the words that lead to it, as far as they are a date's."""
    before = LEAD.search(text[max(0, when.start - 30) : when.start])
    lead, start = "", when.start
    if before:
        lead, start = (before["lead"] or "").lower(), when.start - len(before.group())
    elif (own := text[when.start : when.end].split()[0].lower()) in ("by", "before", "on", "at", "until"):
        lead = own
    return replace(when, start=start, lead=lead)
