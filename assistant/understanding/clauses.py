"""Takes a message apart where a new command surely begins, so that a title with "and" in it stays whole."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from assistant.understanding.commands.everyday import is_everyday
from assistant.understanding.commands.verbs import ADDING, CHANGING, REFUSING
from assistant.understanding.manners import without_manners
from assistant.understanding.quotes import QUOTED

MANNERS: Final = r"(?:(?:please|also|then|can you|could you|now|just|i want to|i['’]d like to|finally)[ ,]+){0,3}"
READING: Final = (
    r"(?:(?:show|list|display)(?: me)?(?: all)?(?: of)?(?: my| the)?(?: \w+){0,3} (?:tasks?|list|to-?dos?)\b"
    r"|(?:show|list)(?: me)? (?:them|it|everything|all|what)\b"
    r"|what(?:['’]s|s| is| are| do i)\b|search for|find|help\b)"
)
SURE: Final = (
    rf"(?:the |my |all |every|task |tasks? |number |#)*(?:\d|{QUOTED}|all\b|everything|it\b|that\b|(?:first|second"
    rf"|third|fourth|fifth)\b)|(?:[\w'’]+ ){{0,6}}tasks?\b"
)
BOUNDARY: Final = re.compile(
    r"(?P<strong>(?<![.;!?])[.;!?]+\s+(?:(?:and|then|also|next|finally|afterwards)\b[, ]+){0,3}|\s*[,;]?\s+(?:and "
    r"|but )?(?:then|afterwards|after that)\b,? (?:also )?|\s*;\s*)"
    r"|,? (?:and|but|plus|&|as well as) (?:also )?|, (?:also )?",
    re.IGNORECASE,
)
BEGINNING: Final = re.compile(
    rf"{MANNERS}(?:(?P<reading>{READING})|(?P<changing>{CHANGING})(?: (?P<sure>{SURE}))?(?= |$|[.,;!?])"
    rf"|(?P<adding>{ADDING})\b(?P<task>:? (?:(?:an?|another|one|new) )*(?:task|to-?do|reminder|{QUOTED}))?"
    rf"|(?P<refusing>{REFUSING})\b)",
    re.IGNORECASE,
)
BULLET: Final = re.compile(r"^\s*(?:(?:[-*•–+]|\d{1,3}[.)])\s+(?:\[ ?\]\s+)?|\[ ?\]\s+)")
# After these all words may be a title's; "to" and ":" leave no doubt that they are.
FREE: Final = re.compile(
    r"(?:add|create|new|put|insert|remind|remember|note|todo|to-do|task|rename|retitle|describe|find|search|look"
    r"|don['’]?t forget|do not forget|i (?:need|have|must)|(?:change|edit|update) .{1,80}? (?:to|into)\b)",
    re.IGNORECASE | re.DOTALL,
)
OPEN: Final = re.compile(
    r"[^:]{0,80}:|(?:add|create|make|set|put)\b.{0,40}? (?:task|to-?do|reminder)s? (?:to|called|named|about)\b"
    r"|remind|remember|don['’]?t|do not|rename|retitle|describe|note|(?:change|edit|update)\b",
    re.IGNORECASE | re.DOTALL,
)
NAMED: Final = re.compile(rf"\d|{QUOTED}|\btasks?\b|\beverything\b|\b(?:to-?do )?list\b", re.IGNORECASE)
# A whole title in quotes ends where they do.
QUOTED_TITLE: Final = re.compile(
    rf"(?:^|\b(?:to|as|called|named|titled|add|create|task|note|put)\b|:) ?{QUOTED}[\s.,;!]*$", re.IGNORECASE
)
NEXT: Final = re.compile(r"\b(?:then|next|after(?:wards| that)|finally)\b", re.IGNORECASE)
LISTS: Final = re.compile(r"(?:show|list|display|what|which|how many|do i have|help)\b", re.IGNORECASE)
MOST: Final = 60
MOST_ASKED: Final = 6
LONGEST_ASKED: Final = 200
# More than what can be asked for in one message.
MOST_CLAUSES: Final = 24


class Before(IntEnum):
    """What came before a clause; the later, the more has to be said for a deletion to be beyond doubt."""

    NOTHING_FREE = 0
    # Words that may go on as a title's do.
    TITLE = 1
    # Words that may go on for sentences and lines: after a colon, or without any word about tasks.
    TEXT = 2


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    before: Before = Before.NOTHING_FREE
    # Said to come next.
    is_next: bool = False


def split_clauses(text: str, is_command: Callable[[str], bool] = lambda rest: False) -> list[Clause]:
    """``is_command`` tells of words that may begin a new command or go on as a title's whether they surely do."""
    is_command = _at_most(MOST_ASKED, is_command)
    clauses: list[Clause] = []
    before = Before.NOTHING_FREE
    lines = [line for line in text.split("\n") if line.strip()]
    for line in lines:
        for part, boundary in _parts(BULLET.sub("", line), is_command):
            clauses.append(Clause(part, before, is_next=bool(NEXT.search(boundary))))
            before = max(before, _freedom(part))
            if len(clauses) > MOST_CLAUSES:
                return clauses
    return clauses


def _parts(line: str, is_command: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Each with what parts it from the one before."""
    start, between = 0, ""
    for boundary, _ in zip(BOUNDARY.finditer(line), range(MOST), strict=False):
        beginning = BEGINNING.match(line, boundary.end())
        left = line[start : boundary.start()]
        rest = line[boundary.end() :]
        is_strong = bool(boundary["strong"])
        if left.strip() and (
            _begins_anew(left, beginning, rest, is_strong=is_strong)
            or (beginning and beginning["changing"] and len(rest) <= LONGEST_ASKED and is_command(rest))
        ):
            yield left + (boundary["strong"] or "")[:1].strip(), between
            start, between = boundary.end(), boundary.group()
    if line[start:].strip():
        yield line[start:], between


def _at_most(times: int, ask: Callable[[str], bool]) -> Callable[[str], bool]:
    left = iter(range(times))
    return lambda rest: next(left, None) is not None and ask(rest)


def _begins_anew(left: str, right: re.Match[str] | None, rest: str, *, is_strong: bool) -> bool:
    before = without_manners(left)
    if without_manners(f"{left}, x") == "x":
        return False
    if right is None:
        return is_strong and is_everyday(before) and is_everyday(rest)
    if is_strong or right["refusing"] or _is_closed(before):
        return True
    if right["changing"]:
        return bool(right["sure"]) and not OPEN.match(before)
    if right["adding"]:
        return bool(right["task"]) or not OPEN.match(before)
    return bool(right["reading"])


def _is_closed(before: str) -> bool:
    """Whether its last words name tasks, so that nothing can go on there."""
    if LISTS.match(before) or QUOTED_TITLE.search(before, max(0, len(before) - 20)):
        return True
    return not FREE.match(before) and bool(NAMED.search(before))


def _freedom(part: str) -> Before:
    before = without_manners(part)
    if _is_closed(before):
        return Before.NOTHING_FREE
    return Before.TEXT if ":" in before or is_everyday(before) else Before.TITLE
