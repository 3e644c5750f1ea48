"""Words for times of the day: "at 9", "5pm", "14:30", "half past six", "9 to 11", "in the morning"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final

from assistant.understanding.dates.words import NUMBERS

PARTS: Final[Mapping[str, int]] = {"morning": 9, "afternoon": 15, "evening": 18, "night": 21}
NAMED: Final[Mapping[str, int]] = {"noon": 12, "midday": 12, "lunchtime": 12, "midnight": 0}
# Nobody is reminded "at 5" of the night; who means it says "5am" or "05".
AFTERNOON: Final = ("1", "2", "3", "4", "5", "6")
WORDS: Final = {
    word: number for word, number in NUMBERS.items() if 1 <= number <= 12 and word not in ("a", "an", "few")
}
HOUR_WORD: Final = rf"(?:{'|'.join(word for word in WORDS if ' ' not in word)})"
LEAD: Final = r"(?:(?:at|by|before|until|till|around|about|from|after)(?: around| about)? |@ ?)"
# "at 10 Downing Street" is no time: a bare hour stands at the end or before what may follow one.
AFTER_HOUR: Final = (
    r"(?=\s*(?:$|[,.;:!?#)]|(?:on|by|in|for|with|to|and|at|this|next|today|tonight|tomorrow|tmrw|please|instead|now"
    r"|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b))"
)
HALF: Final = r"[ap]\.?m\b\.?"
DASH: Final = r" ?(?:-|–|to|until|till|and) ?"
TIME: Final = re.compile(
    r"(?<![\w:.#/-])(?:"
    # "9-10am", "from 2 to 4 pm"
    rf"(?:{LEAD}|between )?(?P<from_hour>1[0-2]|0?[1-9])(?:[:.](?P<from_minute>[0-5]\d))? ?(?P<from_half>{HALF})?{DASH}"
    rf"(?P<to_hour>1[0-2]|0?[1-9])(?:[:.](?P<to_minute>[0-5]\d))? ?(?P<to_half>{HALF})"
    rf"|(?:{LEAD}|between )?(?P<from_24>[01]?\d|2[0-3])[:.h](?P<from_24_minute>[0-5]\d){DASH}"
    r"(?P<to_24>[01]?\d|2[0-3])[:.h](?P<to_24_minute>[0-5]\d)(?![\w:])"
    r"|(?:from|between) (?P<from_bare>[01]?\d|2[0-3])(?: (?:to|until|till|and) |-)(?P<to_bare>[01]?\d"
    r"|2[0-3])(?![\w:/-])"
    # "a quarter past six"
    rf"|{LEAD}?(?:a )?(?P<minutes>quarter|half|five|ten|twenty(?:[ -]five)?|5|10|20|25)(?: minutes)? (?P<side>past|to"
    rf"|till"
    rf"|before|after) (?P<spelled>{HOUR_WORD}|1[0-2]|[1-9])\b(?![:.]\d)"
    rf"|{LEAD}half (?P<half_past>{HOUR_WORD})\b"
    rf"|{LEAD}?(?P<hour_12>1[0-2]|0?[1-9])(?:[:.](?P<minute_12>[0-5]\d))? ?(?P<half>a|p)\.?m\b\.?"
    rf"|{LEAD}?(?P<hour_24>[01]?\d|2[0-3])(?::(?P<minute_24>[0-5]\d)(?::[0-5]\d)?|h(?P<minute_h>[0-5]\d)?)(?![\w:]"
    rf"| [ap]\.?m\b)"
    rf"|{LEAD}(?P<hour_dot>[01]?\d|2[0-3])\.(?P<minute_dot>[0-5]\d)(?![\w.])"
    r"|at (?P<hour_4>[01]\d|2[0-3])(?P<minute_4>[0-5]\d)(?![\w:/-])"
    rf"|(?:{LEAD}|(?<=tomorrow )|(?<=today )|(?<=tmrw )|(?<=day )|(?<=tonight ))(?P<hour>[01]?\d|2[0-3]|{HOUR_WORD})"
    rf"(?: o['’]?clock)?(?![\w:/-]){AFTER_HOUR}"
    rf"|(?P<oclock>[01]?\d|2[0-3]|{HOUR_WORD})(?: o['’]?clock\b|(?= in the (?:morning|afternoon|evening)\b))"
    rf"|{LEAD}?(?P<named>noon|midday|midnight|lunchtime)\b"
    r"|(?:by )?(?P<business>close of business|cob|eob)\b"
    r")(?: sharp| or so|ish)?"
    r"|(?<!\w)(?:(?P<thing>first thing(?: in the morning)?)|(?P<named_part>in the |this |at |early |late )?"
    r"(?P<part>morning|afternoon|evening|night))\b(?!['’]s)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clock:
    at: time
    # Said so that no part of the day can change it.
    is_exact: bool = True
    until: time | None = None

    def within(self, part: str | None) -> time:
        """``part``: "morning", "evening" ...; of it nine in the evening is 21:00, six in the morning 6:00."""
        if self.is_exact or part is None:
            return self.at
        if part == "morning":
            return self.at.replace(hour=self.at.hour % 12)
        return self.at.replace(hour=self.at.hour % 12 + 12)


def read_clock(match: re.Match[str]) -> Clock | None:
    """None of what is a part of the day only, or no time at all."""
    found = {name: text.lower() for name, text in match.groupdict().items() if text}
    if "part" in found or "thing" in found:
        return None
    if "named" in found:
        return Clock(time(NAMED[found["named"]]))
    if "business" in found:
        return Clock(time(17))
    if "minutes" in found:
        return _spelled(found)
    if "half_past" in found:
        return _bare(found["half_past"], 30)
    if "to_hour" in found or "to_24" in found or "to_bare" in found:
        return _range(found)
    return _single(found)


def _single(found: Mapping[str, str]) -> Clock:
    if "hour_12" in found:
        return Clock(_twelve(found["hour_12"], found.get("minute_12"), found["half"]))
    for hour, minute in (("hour_24", "minute_24"), ("hour_dot", "minute_dot"), ("hour_4", "minute_4")):
        if hour in found:
            # "9:15" may be of the evening, "09:15" and "17h" not.
            is_exact = len(found[hour]) == 2 or "minute_h" in found or int(found[hour]) > 12
            return Clock(time(int(found[hour]), int(found.get(minute) or found.get("minute_h") or 0)), is_exact)
    said = found.get("hour") or found["oclock"]
    return _bare(said)


def _bare(said: str, minute: int = 0) -> Clock:
    hour = WORDS.get(said) or int(said)
    is_exact = hour > 12 or hour == 0 or (len(said) == 2 and said[0] == "0")
    return Clock(time(hour + 12 * (str(hour) in AFTERNOON and not is_exact), minute), is_exact)


def _spelled(found: Mapping[str, str]) -> Clock:
    words = found["minutes"].replace("-", " ")
    minutes = {"quarter": 15, "half": 30, "twenty five": 25}.get(words) or NUMBERS.get(words) or int(words)
    clock = _bare(found["spelled"])
    if found["side"] in ("past", "after"):
        return Clock(clock.at.replace(minute=minutes), is_exact=False)
    hour = (clock.at.hour - 1) % 24
    return Clock(time(hour, 60 - minutes), is_exact=False)


def _range(found: Mapping[str, str]) -> Clock:
    if "to_hour" in found:
        until = _twelve(found["to_hour"], found.get("to_minute"), found["to_half"][0])
        half = found.get("from_half", found["to_half"])[0]
        at = _twelve(found["from_hour"], found.get("from_minute"), half)
        # "11-1pm" begins in the morning.
        if at >= until and "from_half" not in found and half == "p":
            at = at.replace(hour=at.hour - 12)
        return Clock(at, until=until)
    if "to_24" in found:
        return Clock(
            time(int(found["from_24"]), int(found["from_24_minute"])),
            until=time(int(found["to_24"]), int(found["to_24_minute"])),
        )
    begins, ends = _bare(found["from_bare"]), _bare(found["to_bare"])
    return Clock(begins.at, begins.is_exact, ends.at)


def _twelve(hour: str, minute: str | None, half: str) -> time:
    return time(int(hour) % 12 + (12 if half.startswith("p") else 0), int(minute or 0))
