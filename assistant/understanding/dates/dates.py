"""Finds the words of a text that say when, and the instant they mean on the person's clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final

from assistant.understanding.dates.days import DAY, TODAY, TOMORROW, read_day
from assistant.understanding.dates.hours import PARTS, TIME, Clock, read_clock
from assistant.understanding.dates.periods import Stretch
from assistant.understanding.dates.soon import find_instants
from assistant.understanding.dates.words import LONG_WEEKDAY
from assistant.understanding.quotes import Setting

JOINED: Final = re.compile(
    r"[\s,]*(?:(?:(?:at|on|by|in|in the|in early|around|about|before|from|after|until|till|for|the|this)\b|@"
    r"|-)[\s,]*){0,2}",
    re.IGNORECASE,
)
LEAD: Final = re.compile(
    r"(?:^|(?<=[\s,(]))(?:(?:(?:which |that )?(?:is|are) )?due )?(?:some ?time )?(?:(?P<lead>on or before|by or before"
    r"|no later than|not later than|by|before|on|at|until|till|for|from|around|about|in|starting|scheduled for|after"
    r"|since|over|during|within) )?(?:the )?$|\bdue:? $|(?<=\s)@ ?$",
    re.IGNORECASE,
)
# "let the plumber in tomorrow", "check in at 9": of the verb.
PARTICLES: Final = ("in", "over", "on", "about", "around", "during", "within")
NO_LEAD: Final = re.compile(
    rf"(?:{TODAY}|{TOMORROW}|the day after|at|by|before|@|next|(?<!on ){LONG_WEEKDAY})", re.IGNORECASE
)
BY: Final = ("on or before", "by or before", "no later than", "not later than")
TAIL: Final = re.compile(r" (?:at the latest|latest|or earlier|if possible)\b", re.IGNORECASE)
# A text with more of them names none in particular, and a longer one is no task's.
MOST: Final = 8
LONGEST: Final = 1000
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
    # Where a range of time was said.
    until: time | None = None

    @property
    def due_at(self) -> datetime:
        """A day or stretch without a time is due when its last minute begins."""
        if self.has_time:
            return self.first
        # By the date: where summer time begins at midnight, the day's first moment is not its 00:00.
        after = self.first if self.lead == "before" else self.last
        return moment(datetime.combine(after.date() - timedelta(days=1), LAST_MINUTE), after)


@dataclass(slots=True)
class _Group:
    """Words beside each other that say one thing: at most one day, one time and one part of the day."""

    start: int
    end: int
    stretch: Stretch | None = None
    clock: Clock | None = None
    part: str | None = None
    # Of "night" alone nobody knows whether it says when.
    is_sure: bool = True
    is_tonight: bool = False
    # "this evening" is a day's, "in the evening" any day's.
    is_today: bool = False


def rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def moment(wall: datetime, clock: datetime) -> datetime:
    """The instant when ``clock``'s zone shows ``wall``; what a change to summer time leaves out is an hour later."""
    return wall.replace(tzinfo=clock.tzinfo).astimezone(UTC).astimezone(clock.tzinfo)


def find_dates(text: str, setting: Setting) -> list[When]:
    """In the order of the text. What no calendar has is no date."""
    if len(text) > LONGEST:
        return []
    return sorted((_led(text, when) for when in _all(text, setting)), key=lambda when: when.start)


def read_date_alone(text: str, setting: Setting) -> When | None:
    """What the text as a whole says, so "friday" but not "friday's lunch"."""
    text = text.strip(" .,!?")
    return next((when for when in find_dates(text, setting) if (when.start, when.end) == (0, len(text))), None)


def _all(text: str, setting: Setting) -> Iterator[When]:
    now = setting.now
    exact = [When(*span, "", at, at, has_time=True) for span, at in find_instants(text, now) if at.year in YEARS]
    days, times = _some(DAY, text), _some(TIME, text)
    if max(len(exact), len(days), len(times)) > MOST:
        return
    yield from exact
    taken = [(when.start, when.end) for when in exact]
    for group in _groups(text, [*_days(days, taken, setting), *_times(times, taken)]):
        if when := _when(group, now):
            yield when


def _some(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return list(islice(pattern.finditer(text), MOST + 1))


def _days(matches: list[re.Match[str]], taken: list[tuple[int, int]], setting: Setting) -> Iterator[_Group]:
    for match in matches:
        stretch = None if _overlaps(match.span(), taken) else _stretch_of(match, setting)
        if stretch:
            near = (match["near"] or "").lower()
            yield _Group(*match.span(), stretch=stretch, is_tonight=near.startswith("toni"))


def _stretch_of(match: re.Match[str], setting: Setting) -> Stretch | None:
    try:
        stretch = read_day(match, setting.now.date(), day_first=setting.day_first)
    except (ValueError, OverflowError):
        return None
    return stretch if stretch and stretch[0].year in YEARS else None


def _times(matches: list[re.Match[str]], taken: list[tuple[int, int]]) -> Iterator[_Group]:
    for match in matches:
        if _overlaps(match.span(), taken):
            continue
        clock = read_clock(match)
        if clock:
            is_sure = (
                not match["minutes"] or match["minutes"].lower() in ("quarter", "half") or match.group()[:1] == "a"
            )
            yield _Group(*match.span(), clock=clock, is_sure=is_sure)
        else:
            part = (match["part"] or "morning").lower()
            named = (match["named_part"] or "").lower()
            is_sure = bool(named or match["thing"])
            yield _Group(*match.span(), part=part, is_sure=is_sure, is_today=named.startswith("this"))


def _overlaps(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def _groups(text: str, atoms: list[_Group]) -> list[_Group]:
    groups: list[_Group] = []
    # Of two that begin at one place the longer one is meant.
    for atom in sorted(atoms, key=lambda atom: (atom.start, -atom.end)):
        last = groups[-1] if groups else None
        if last and atom.start < last.end:
            continue
        if last and _fit(last, atom) and JOINED.fullmatch(text, last.end, atom.start):
            last.end = atom.end
            last.stretch, last.clock, last.part = (
                last.stretch or atom.stretch,
                last.clock or atom.clock,
                last.part or atom.part,
            )
            last.is_tonight |= atom.is_tonight
            last.is_sure = True
        else:
            groups.append(atom)
    return groups


def _fit(one: _Group, other: _Group) -> bool:
    return not ((one.stretch and other.stretch) or (one.clock and other.clock) or (one.part and other.part))


def _when(group: _Group, now: datetime) -> When | None:
    if not group.is_sure:
        return None
    part = "night" if group.is_tonight else group.part
    if group.stretch is None:
        return _today_or_tomorrow(group, now)
    first, after = (moment(datetime.combine(edge, time()), now) for edge in group.stretch)
    if group.clock is None and part is None:
        return When(group.start, group.end, "", first, after, has_time=False)
    clock = group.clock.within(part) if group.clock else time(PARTS[part or "night"])
    # A stretch with a time ("end of the month at 9") is its last day.
    at = moment(datetime.combine(group.stretch[1] - timedelta(days=1), clock), now)
    return When(group.start, group.end, "", at, at, has_time=True, until=group.clock.until if group.clock else None)


def _today_or_tomorrow(group: _Group, now: datetime) -> When:
    clock = group.clock.within(group.part) if group.clock else time(PARTS[group.part or "morning"])
    at = moment(datetime.combine(now.date(), clock), now)
    if at <= now:
        at = moment(datetime.combine(_after(now.date()), clock), now)
    until = group.clock.until if group.clock else None
    return When(group.start, group.end, "", at, at, has_time=True, has_day=group.is_today, until=until)


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _led(text: str, when: When) -> When:
    """With the words that lead to it, as far as they are a date's."""
    before = LEAD.search(text[max(0, when.start - 30) : when.start])
    tail = TAIL.match(text, when.end)
    lead, start, end = "", when.start, tail.end() if tail else when.end
    if before and not ((before["lead"] or "").lower() in PARTICLES and NO_LEAD.match(text, when.start)):
        lead, start = (before["lead"] or "").lower(), when.start - len(before.group())
    elif (own := text[when.start : when.end].split()[0].lower()) in ("by", "before", "on", "at", "until", "in"):
        lead = own
    return replace(when, start=start, end=end, lead="by" if lead in BY else lead)
