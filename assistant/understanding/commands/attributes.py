"""What a task shall be, said by itself: "high priority and due friday", "5pm", "without a due date"."""

import re
from typing import Any, Final

from assistant.understanding.commands.marks import LEVEL, LEVELS, take_priority, take_tags
from assistant.understanding.dates.dates import When, find_dates, moment, rfc3339
from assistant.understanding.quotes import Setting

Changes = dict[str, Any]
AFTER: Final = re.compile(
    r"(?:[\s,.!]|\b(?:please|pls|(?<!from )now|instead(?: of .{1,40})?|rather than .{1,40}|as well|too|then|actually"
    r"|ok(?:ay)?"
    r"|thanks"
    r"|task|one|reminder|for me|again)\b)+$",
    re.IGNORECASE,
)
NOT_DUE: Final = re.compile(
    r"\b(?:no|without(?: an?)?|not any|never) (?:due ?date|due time|deadline|date|time limit)(?: any ?more)?\b"
    r"|\bnot due\b"
    r"|\bno longer due\b",
    re.IGNORECASE,
)
# Between what is said, and around it.
BETWEEN: Final = re.compile(
    r"(?:[\s,:=]|\b(?:and|with|due|date|deadline|priority|prio|the|an?|to|be|for|by|on|at|as|in|of|it|is|also|tagged"
    r"|only"
    r"|set|make|but)\b)*",
    re.IGNORECASE,
)
BARE_LEVEL: Final = re.compile(
    rf"(?:^|(?<=[\s,]))(?:very |really )?(?P<level>{LEVEL})(?=$|[\s,])(?! \w+ed\b)", re.IGNORECASE
)
LONGEST: Final = 200


def read_attributes(text: str, setting: Setting) -> Changes | None:
    """None where a word of it says anything else. A day alone leaves the time as it is, a time alone the day."""
    if len(text) > LONGEST:
        return None
    text, marks = _take_marks(AFTER.sub("", text.strip()))
    dates = find_dates(text, setting)
    for when in reversed(dates):
        text = f"{text[: when.start]} {text[when.end :]}"
    due = read_due(dates, setting) if dates else {}
    if due is None or not BETWEEN.fullmatch(text):
        return None
    return {**marks, **due} or None


def _take_marks(text: str) -> tuple[str, Changes]:
    """The text without its priority, its tags and that it is not due, and these."""
    marks: Changes = {}
    if NOT_DUE.search(text):
        marks["due_at"] = None
        text = NOT_DUE.sub(" ", text)
    text, tags = take_tags(text)
    text, priority = take_priority(text)
    if not priority and (bare := BARE_LEVEL.search(text)):
        priority = LEVELS[bare["level"].lower()]
        text = f"{text[: bare.start()]} {text[bare.end() :]}"
    return text, marks | ({"add_tags": tags} if tags else {}) | ({"priority": priority} if priority else {})


def read_due(dates: list[When], setting: Setting) -> Changes | None:
    """None of more than one day and one time."""
    days, times = [when for when in dates if when.has_day], [when for when in dates if not when.has_day]
    if len(days) > 1 or len(times) > 1 or (times and days and days[0].has_time):
        return None
    if not days:
        return {"due_time": f"{times[0].first:%H:%M}"}
    day = days[0].due_at
    if times:
        at = day.replace(tzinfo=None, hour=times[0].first.hour, minute=times[0].first.minute)
        return {"due_at": rfc3339(moment(at, setting.now))}
    return {"due_at": rfc3339(day)} if days[0].has_time else {"due_day": f"{day:%Y-%m-%d}"}
