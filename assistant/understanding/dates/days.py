"""Words for days: "tomorrow", "next friday", "in 3 weeks", "the 5th"; periods are beside it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from assistant.understanding.dates.absolute import HOLIDAYS, add_months, read_calendar
from assistant.understanding.dates.periods import (
    Found,
    Stretch,
    monday_of,
    month_ahead,
    one_day,
    read_end,
    read_part,
    read_stretch,
    unit_of,
)
from assistant.understanding.dates.words import (
    ANY_WEEKDAY,
    DOUBTFUL,
    LONG_MONTHS,
    LONG_WEEKDAY,
    MONTH,
    NUMBER,
    ORDINAL,
    SHORT,
    SPELLED_ORDINAL,
    number_of,
    ordinal_of,
    weekday_of,
)

TODAY: Final = r"today|2day|tonight|tonite"
TOMORROW: Final = r"tomorrow|tomm?orr?ow|tomoro|tmrw|tmr|tmw|tomoz|2mm?orr?ow|2moro|2mrw"
LONG_MONTH: Final = "|".join(LONG_MONTHS)
# Where "sun", "sat" and the like are days: after such a word, before a time, or last.
LED: Final = r"(?:(?<=\bon )|(?<=\bby )|(?<=\bfor )|(?<=\bto )|(?<=\bdue )|(?<=\btill )|(?<=\buntil )|(?<=\bbefore ))"
ENDS: Final = (
    r"(?=\s*(?:$|[,.;:!?)]|@|at\b|around\b|before\b|by\b|\d|to\b|morning\b|afternoon\b|evening\b|night\b|noon\b))"
)
DAY: Final = re.compile(
    r"(?<![\w#@/-])(?:"
    rf"(?P<from_count>{NUMBER}) (?P<from_unit>day|week|month)s? (?P<side>from|after|before|on) (?P<from_day>now|today"
    rf"|tomorrow|(?:next )?{ANY_WEEKDAY})"
    rf"|(?P<near>(?:the )?day after (?:{TOMORROW})|{TODAY}|{TOMORROW})"
    rf"|(?P<in_weeks>{ANY_WEEKDAY}) in (?P<weeks>{NUMBER}) weeks?|in (?P<weeks_2>{NUMBER}) weeks?,? on (?P<in_weeks_2>"
    rf"{ANY_WEEKDAY})"
    rf"|(?P<day_of_week>{ANY_WEEKDAY})(?:,? (?:of|in))?(?: the)? (?P<which>next|this|following|coming) week"
    rf"|(?P<which_2>next|this) week,?(?: on)? (?P<day_of_week_2>{ANY_WEEKDAY})|(?P<week_on>{LONG_WEEKDAY}) week"
    rf"|(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last) (?P<nth_day>{LONG_WEEKDAY}|day) (?:of|in)"
    rf" (?P<nth_of>(?:next|this|the) month|{MONTH})"
    rf"|(?:the )?(?P<place>{ORDINAL}) of (?P<place_of>next|this|the) month|(?P<place_of_2>next"
    rf"|this) month,? (?:on )?the"
    rf" (?P<place_2>{ORDINAL})"
    rf"|(?P<week>next|(?:this|the) coming|this next|this|coming) (?P<of_week>{ANY_WEEKDAY})"
    rf"|(?P<weekday>{LONG_WEEKDAY}|{LED}(?:{SHORT}|{DOUBTFUL})|{SHORT}{ENDS}|(?<!\bthe )(?<!\ba )(?<!\bin )(?<!\bof )"
    rf"(?<!\bbe )(?<!\bget ){DOUBTFUL}{ENDS})"
    r"|(?P<eo>eod|eow|eom|eoy|(?:the )?(?:month|week|year)['’]?s?[ -]end|mid[ -]?week|mid[ -]month)"
    r"|(?P<part>early|mid|late|later|(?:the )?(?:beginning|start|middle|end) of)[ -](?:in )?(?:the )?"
    rf"(?P<part_of>(?:this |next )?(?:day|week|month|year)|(?:next )?(?:{MONTH}))"
    r"|(?P<stretch>(?:this|next|the coming|the following|this coming|the next)(?: calendar)? (?:weekend|week|month"
    r"|year|day)"
    r"|(?<=\bat )the weekend|(?<=\bon )the weekend|(?<=\bover )the weekend|(?<=\bby )the weekend"
    r"|(?:the )?week after next)"
    rf"|(?:in|within)(?: the next)? (?P<count>{NUMBER}) (?P<unit>day|week|month|year)s?(?:['’] time)?"
    rf"|(?P<fortnight>in a fortnight)"
    r"|(?P<business>(?:the )?next (?:week ?day|work ?day|working day|business day))"
    rf"|(?P<holiday>(?:(?<=\bon )|(?<=\bby )|(?<=\bbefore )|(?<=\buntil )|(?<=\bfor )"
    rf"|(?<=\bdue ))(?:{'|'.join(HOLIDAYS)}))"
    r"|(?P<calendar>\d{4}-\d{1,2}-\d{1,2}(?![\d-])"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{4}"
    r"|(?<![\d/.])(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])(?![\d/])(?=\s*(?:$|[,.;:!?)]|@|at\b|to\b|in\b|by\b"
    r"|\d+(?: ?[ap]m|:)))"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}\b\.?(?:,? \d{{4}}\b(?!:))?"
    rf"|(?:the )?{SPELLED_ORDINAL} of {MONTH}\b"
    rf"|{MONTH}\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? \d{{4}}\b(?!:))?)"
    rf"|(?P<of_month>(?:(?<=\bon )|(?<=\bby )|(?<=\bbefore )|(?<=\buntil )|(?<=\bdue )|(?<=\bto )"
    rf"|(?<=\bfor ))the {ORDINAL}"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th)(?=\s*(?:$|[,.;:!?)]|@|at\b)))(?!(?: of)? {MONTH})"
    rf"|(?:(?:in|by|until|before|for) |(?=next ))(?P<month>(?:next )?(?:{LONG_MONTH}))(?! ?\d)"
    r")(?!['’]s\b)(?![\w-])",
    re.IGNORECASE,
)


def read_day(match: re.Match[str], today: date, *, day_first: bool) -> Stretch | None:
    """None where there is no such day. Raises ``OverflowError`` or ``ValueError`` beyond the calendar."""
    found = {name.removesuffix("_2"): text.lower() for name, text in match.groupdict().items() if text}
    if "calendar" in found:
        day = read_calendar(found["calendar"], today, day_first=day_first)
        return one_day(day) if day else None
    return next((read(found, today) for name, read in READERS.items() if name in found), None)


def _near(found: Found, today: date) -> Stretch:
    words = found["near"]
    ahead = 2 if "after" in words else 0 if re.fullmatch(TODAY, words) else 1
    return one_day(today + timedelta(days=ahead))


def _coming(weekday: str, today: date) -> date:
    """Never today: who means today says so."""
    return today + timedelta(days=(weekday_of(weekday) - today.weekday() - 1) % 7 + 1)


def _of_week(found: Found, today: date) -> Stretch:
    """ "next friday" is the Friday of the week after this one, weeks beginning with Monday."""
    if found["week"] == "next":
        return one_day(_in_week(found["of_week"], today, 1))
    if "coming" in found["week"] or "next" in found["week"]:
        return one_day(_coming(found["of_week"], today))
    return one_day(today + timedelta(days=(weekday_of(found["of_week"]) - today.weekday()) % 7))


def _in_week(weekday: str, today: date, ahead: int) -> date:
    return monday_of(today) + timedelta(days=7 * ahead + weekday_of(weekday))


def _from_day(found: Found, today: date) -> Stretch:
    name = found["from_day"]
    base = today + timedelta(days=int(name == "tomorrow"))
    if name.startswith("next "):
        base = _in_week(name[5:], today, 1)
    elif name not in ("now", "today", "tomorrow"):
        base = _coming(name, today)
    count = number_of(found["from_count"]) * (-1 if found["side"] == "before" else 1)
    day = _ahead(count, found["from_unit"], base)
    if day < today:
        raise ValueError("It is over.")
    return one_day(day)


def _ahead(count: int, unit: str, today: date) -> date:
    if unit in ("day", "week"):
        return today + timedelta(days=count * (7 if unit == "week" else 1))
    return add_months(today, count * (12 if unit == "year" else 1))


def _nth(found: Found, today: date) -> Stretch | None:
    of = found["nth_of"]
    months = [unit_of("month", today, ahead=1)[0]] if of.startswith("next") else []
    if of.split()[0] in ("this", "the"):
        months = [unit_of("month", today, ahead=ahead)[0] for ahead in range(1 + (of[:3] == "the"))]
    months = months or [month_ahead(of, today)[0], add_months(month_ahead(of, today)[0], 12)]
    days = (_nth_in(found["nth"], found["nth_day"], first) for first in months)
    return next((one_day(day) for day in days if day >= today), None)


def _nth_in(nth: str, weekday: str, first: date) -> date:
    last = add_months(first, 1) - timedelta(days=1)
    if weekday == "day":
        return last if nth == "last" else first + timedelta(days=ordinal_of(nth) - 1)
    if nth == "last":
        return last - timedelta(days=(last.weekday() - weekday_of(weekday)) % 7)
    return first + timedelta(days=(weekday_of(weekday) - first.weekday()) % 7 + 7 * (ordinal_of(nth) - 1))


def _place(found: Found, today: date) -> Stretch | None:
    first, after = unit_of("month", today, ahead=int(found["place_of"] == "next"))
    day = first + timedelta(days=ordinal_of(found["place"]) - 1)
    return one_day(day) if today <= day < after else None


def _of_month(found: Found, today: date) -> Stretch | None:
    """The next one, today included."""
    wanted = ordinal_of(found["of_month"].removeprefix("the "))
    if not 1 <= wanted <= 31:
        return None
    first = today.replace(day=1)
    days = (add_months(first, ahead) + timedelta(days=wanted - 1) for ahead in range(3))
    return next((one_day(day) for day in days if day.day == wanted and day >= today), None)


def _business(found: Found, today: date) -> Stretch:
    day = today + timedelta(days=1)
    return one_day(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0))


def _holiday(found: Found, today: date) -> Stretch:
    name = found["holiday"].replace("’", "'")
    month, day = next(date_of for pattern, date_of in HOLIDAYS.items() if re.fullmatch(pattern, name))
    this = date(today.year, month, day)
    return one_day(this if this >= today else this.replace(year=today.year + 1))


READERS: Final[Mapping[str, Callable[[Found, date], Stretch | None]]] = {
    "from_count": _from_day,
    "near": _near,
    "in_weeks": lambda found, today: one_day(
        _in_week(found["in_weeks"], today + timedelta(weeks=number_of(found["weeks"])), 0)
    ),
    "day_of_week": lambda found, today: one_day(_in_week(found["day_of_week"], today, int(found["which"] != "this"))),
    "week_on": lambda found, today: one_day(_coming(found["week_on"], today) + timedelta(weeks=1)),
    "nth": _nth,
    "place": _place,
    "of_week": _of_week,
    "weekday": lambda found, today: one_day(_coming(found["weekday"], today)),
    "eo": read_end,
    "part": read_part,
    "stretch": read_stretch,
    "count": lambda found, today: one_day(_ahead(number_of(found["count"]), found["unit"], today)),
    "fortnight": lambda found, today: one_day(today + timedelta(weeks=2)),
    "business": _business,
    "holiday": _holiday,
    "of_month": _of_month,
    "month": lambda found, today: month_ahead(found["month"], today),
}
