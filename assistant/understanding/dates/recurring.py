"""What is to be done again and again: no task can be, yet, so it is told from what is due once."""

import re
from typing import Final

from assistant.understanding.dates.words import ANY_WEEKDAY, LONG_WEEKDAY, NUMBER

UNIT: Final = r"(?:days?|weeks?|months?|years?|hours?|minutes?|fortnights?|quarters?|weekdays?|workdays?|weekends?)"
PART: Final = r"(?:mornings?|afternoons?|evenings?|nights?|noons?)"
# What is left of it says when the first time is: "every monday" is the coming one.
RULE: Final = re.compile(
    r"(?:(?:on|at|in|of|for) )?(?:every|each)(?: and every)?(?: single)?(?: other| second| third|"
    rf" {NUMBER})? (?:(?P<day>{ANY_WEEKDAY})s?(?:(?:,| and|, and|&) {ANY_WEEKDAY}s?){{0,6}}(?: (?P<day_part>{PART}))?"
    rf"|(?P<part>{PART})|{UNIT}(?P<at> (?:on|at)(?= (?:the )?\w))?)\b"
    rf"|(?:on |at )?(?P<days>{LONG_WEEKDAY})s(?:(?:,| and|, and| &) {LONG_WEEKDAY}s){{0,6}}\b(?!['’])"
    rf"|(?:on |at )(?:weekdays|weekends|workdays|mornings|afternoons|evenings|nights)\b"
    r"|(?:once|twice|three times|\d+ times|one time) (?:a|an|per|every|each) (?:day|week|month|year|hour)\b"
    r"|\b(?:daily|weekly|monthly|yearly|annually|hourly|nightly|fortnightly|bi-?weekly|quarterly)\b"
    r"(?=\s*(?:$|[,.;!?)]|at\b|on\b|to\b|from\b|@))",
    re.IGNORECASE,
)
LONGEST: Final = 1000
SINGULAR: Final = re.compile(r"(?<=[a-z])s$", re.IGNORECASE)


def find_rule(text: str) -> re.Match[str] | None:
    """None too in a text that is too long for a task."""
    return RULE.search(text) if len(text) <= LONGEST else None


def take_rule(text: str) -> tuple[str, str | None]:
    """The text with the first time it is to be done in place of the rule, and the rule's own words."""
    match = find_rule(text)
    if not match:
        return text, None
    day, part = match["day"] or match["days"], match["part"] or match["day_part"]
    first = f" on {day}" if day else ""
    first += f" in the {SINGULAR.sub('', part.lower())}" if part else ""
    first += match["at"] or ""
    return f"{text[: match.start()].rstrip()}{first} {text[match.end() :].lstrip()}".strip(), match.group().strip()
