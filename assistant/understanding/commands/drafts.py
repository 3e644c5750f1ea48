"""A new task out of the words it was described with."""

import re
from typing import Any, Final

from assistant.understanding.commands.marks import take_priority, take_tags
from assistant.understanding.dates.dates import When, find_dates, moment, rfc3339
from assistant.understanding.quotes import QUOTED, Setting

DESCRIPTION: Final = re.compile(
    rf"[,;.]? (?:with|and)?(?: (?:a|the))? ?\b(?:description|note|details?)(?: of| saying|:)? ?(?P<quoted>{QUOTED})"
    r"|[,;.] ?(?:with )?(?:a )?\b(?:description|notes?|details?): ?(?P<words>.+)$"
    r"|\b(?:with (?:the |a )?(?:description|note)|(?:description|note):)(?: of| saying|:)? (?P<said>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# What may be left around a title when its marks are taken away.
EDGES: Final = " \t\n,;:-–—"
PUNCTUATION: Final = re.compile(r"[\s,;:.!-]+$")
LEFT_AT_END: Final = re.compile(r"(?:[\s,;:.!-]|\b(?:due|by|and|with|for|on|at)\b)+$", re.IGNORECASE)
LEFT_AT_START: Final = re.compile(r"^(?:[\s,;:-]|to (?=\w)|(?:called|named|titled) (?=\S))+", re.IGNORECASE)
# After these, words between others are a date: "call mum on friday about the car".
LEADS: Final = ("on", "at", "by", "before", "until", "till", "due")
NAMED: Final = re.compile(rf"^(?:(?:called|named|titled|saying) )?({QUOTED})", re.IGNORECASE)


def read_draft(text: str, setting: Setting) -> dict[str, Any]:
    """The arguments of ``add_task``; without ``title`` where the words hold none."""
    whole = text = text.strip()
    text, description = take_description(text, setting)
    text, tags = take_tags(text)
    text, priority = take_priority(text)
    text, due_at = take_due(text, setting)
    found = {
        "title": _title(text, setting, is_rest=text != whole),
        "description": description,
        "priority": priority,
        "due_at": due_at,
        "tags": tags,
    }
    return {name: value for name, value in found.items() if value}


def take_description(text: str, setting: Setting) -> tuple[str, str | None]:
    match = DESCRIPTION.search(text)
    if not match:
        return text, None
    said = match["quoted"] or match["words"] or match["said"]
    return f"{text[: match.start()]} {text[match.end() :]}", setting.words(said)


def take_due(text: str, setting: Setting) -> tuple[str, str | None]:
    """The text without the words that say when, and when; the last ones, where there are several."""
    found = [when for when in find_dates(text, setting.now) if _is_due(text, when)]
    if not found:
        return text, None
    chosen = found[-1]
    due, gone = chosen.due_at, [chosen]
    if len(found) == 2 and found[0].has_day != found[1].has_day:
        day, hour = sorted(found, key=lambda when: not when.has_day)
        if not day.has_time:
            due, gone = (
                moment(day.first.replace(tzinfo=None, hour=hour.first.hour, minute=hour.first.minute), due),
                found,
            )
    for when in reversed(gone):
        text = f"{text[: when.start].rstrip()} {text[when.end :].lstrip()}"
    return text, rfc3339(due)


def _is_due(text: str, when: When) -> bool:
    """At either end of the text, or led to by a word: else "the monday meeting" would be due."""
    at_end = not text[when.end :].strip(" .,!;)")
    at_start = not text[: when.start].strip(" ,(")
    return at_end or at_start or when.lead in LEADS


def _title(text: str, setting: Setting, *, is_rest: bool) -> str:
    """``is_rest``: marks were taken out of it, which may have left the words that led to them."""
    text = LEFT_AT_START.sub("", text.strip(EDGES))
    text = _without_end(text, LEFT_AT_END if is_rest else PUNCTUATION)
    if named := NAMED.fullmatch(text):
        return setting.words(named[1])
    return re.sub(r"[^\S\n]{2,}", " ", setting.words(text)).strip()


def _without_end(text: str, pattern: re.Pattern[str]) -> str:
    """Looks at the last words only, which keeps the search short."""
    match = pattern.search(text, max(0, len(text) - 40))
    return text[: match.start()] if match else text
