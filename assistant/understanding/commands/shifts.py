"""Commands that shift a due time: "push it back by 2 days", "an hour later", "a week earlier"."""

import re
from collections.abc import Mapping
from typing import Final

from assistant.understanding.commands.attributes import Changes
from assistant.understanding.dates.words import NUMBER, number_of

SPAN: Final = (
    rf"(?:(?P<half>half an hour|half hour)|(?P<fortnight>a fortnight)|(?:another )?(?P<count>{NUMBER})(?: more)?"
    r"(?P<half_more> and a half)? (?P<unit>minute|min|hour|hr|day|week|month|year)s?(?P<and_half> and a half)?)"
)
REF: Final = r"(?P<ref>.{1,300}?)"
VERB: Final = (
    r"(?P<verb>move|push|postpone|delay|shift|put|snooze|reschedule|bump|start|make|set|defer|bring|pull|extend|change"
    r"|hold|drag|do|have|keep)"
)
WAY: Final = r"(?:back|forwards?|off|out|up|ahead|on|down)"
LATER: Final = r"(?:later|earlier|sooner|back|forwards?|ahead|out|before|in advance)"
SHIFT: Final = re.compile(
    rf"{VERB}(?: (?P<way>{WAY}))? {REF}(?: (?P<way_2>{WAY}))?(?P<by> by| for)? {SPAN}(?: (?P<later>{LATER}))?"
    rf"(?: than (?:planned|scheduled|now))?",
    re.IGNORECASE,
)
GIVE: Final = re.compile(
    rf"(?:give|allow) {REF} (?P<more>another|{NUMBER} more) (?P<unit>minute|min|hour|hr|day|week|month)s?",
    re.IGNORECASE,
)
# Without a verb: only of a task that is there.
NAMED: Final = re.compile(rf"{REF},? (?:by )?{SPAN} (?P<later>later|earlier|sooner)", re.IGNORECASE)
ALONE: Final = re.compile(
    rf"(?:by )?{SPAN} (?P<later>{LATER})|(?P<later_2>back|later|earlier|forward) by {SPAN.replace('?P<', '?P<b_')}",
    re.IGNORECASE,
)
SHIFTING: Final = ("postpone", "delay", "snooze", "defer", "extend", "push", "shift", "bump")
EARLIER: Final = ("earlier", "sooner", "forward", "forwards", "up", "ahead", "before", "in advance")


def read_shift(text: str) -> tuple[str, Changes] | None:
    """The words of the task, and by how much it is moved."""
    if give := GIVE.fullmatch(text):
        count = give["more"].lower().removesuffix(" more").replace("another", "one")
        return give["ref"], _by({"count": count, "unit": give["unit"]}, is_earlier=False)
    match = SHIFT.fullmatch(text)
    if not match:
        return None
    found = {name: words.lower() for name, words in match.groupdict().items() if words}
    is_shift = "later" in found or found["verb"] in SHIFTING or ("by" in found and ("way" in found or "way_2" in found))
    is_shift |= found.get("by", "").strip() == "by" or (found["verb"] == "put" and "off" in found.values())
    is_shift |= found["verb"] in ("bring", "pull", "move", "drag") and ("way" in found or "way_2" in found)
    if not is_shift:
        return None
    ways = {found.get(name, "") for name in ("way", "way_2", "later")}
    is_earlier = bool(ways & set(EARLIER)) or (found["verb"] in ("bring", "pull") and "back" not in ways)
    return match["ref"], _by(found, is_earlier=is_earlier)


def read_named_shift(text: str) -> tuple[str, Changes] | None:
    """As ``read_shift``, where the text begins with what may be a task."""
    match = NAMED.fullmatch(text)
    if not match:
        return None
    found = {name: words.lower() for name, words in match.groupdict().items() if words}
    return match["ref"], _by(found, is_earlier=found["later"] in EARLIER)


def read_bare_shift(text: str) -> Changes | None:
    """ "an hour later" and no more."""
    match = ALONE.fullmatch(text)
    if not match:
        return None
    found = {
        name.removeprefix("b_").removesuffix("_2"): words.lower() for name, words in match.groupdict().items() if words
    }
    return _by(found, is_earlier=found["later"] in EARLIER)


def _by(found: Mapping[str, str], *, is_earlier: bool) -> Changes:
    sign = -1 if is_earlier else 1
    if "half" in found:
        return {"shift_minutes": 30 * sign}
    if "fortnight" in found:
        return {"shift_days": 14 * sign}
    count, unit = number_of(found["count"]) * sign, found["unit"]
    is_more = "half_more" in found or "and_half" in found
    if unit in ("minute", "min", "hour", "hr"):
        length = 60 if unit.startswith("h") else 1
        return {"shift_minutes": count * length + (length // 2 * sign if is_more else 0)}
    if unit in ("day", "week"):
        return {"shift_days": count * (7 if unit == "week" else 1)}
    return {"shift_months": count * (12 if unit == "year" else 1)}
