"""Hides what a message quotes, and its addresses, so that no word of either is read as anything else.

Each becomes one character of Unicode's private use area; patterns see it as a single sign.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from assistant.understanding.earlier import NOTHING_EARLIER, Earlier

FIRST: Final = 0xE000
FIRST_ADDRESS: Final = 0xF000
# For use in patterns: any hidden quotation.
QUOTED: Final = "[\ue000-\uefff]"
# A run without spaces that holds one of these is a URL, an email address, a name or a path, but for "@7pm" and "12/05".
ADDRESS: Final = re.compile(r"[/\\@]|www\.", re.IGNORECASE)
NO_ADDRESS: Final = re.compile(r"@\d*\S{0,4}|(?!24/7)\d{1,2}/\d{1,2}(?:/\d{4})?")
AROUND: Final = "()[]<>{}.,;:!?"
# Lengths are bounded so that many opening quotes cannot make the search quadratic. An opening double
# quote that nothing closes hides the rest of its line: better too much hidden than too little.
QUOTATION: Final = re.compile(
    r"(?<!\w)\"(?P<double>[^\"\n]*)(?:\"|$)"
    r"|“(?P<curly>[^“”\n]*)(?:”|$)"
    r"|(?<!\w)‘(?P<single>[^‘\n]{1,300}?)’(?!\w)"
    r"|(?<!\w)'(?=\S)(?P<straight>[^\n]{1,300}?)(?<=\S)'(?!\w)",
    re.MULTILINE,
)
# Private use characters of the person's own would be taken for quotations.
UNWANTED: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b\ufeff\ue000-\uf8ff]+")
SPACES: Final = re.compile(r"[^\S\n]+")
RUN: Final = re.compile(r"[^\s\ue000-\uf8ff]+")
SIGN: Final = re.compile("[\ue000-\uf8ff]")
STRAY: Final = ' \t\n"“”«»,;:'


@dataclass(frozen=True, slots=True)
class Setting:
    """What one message is read against: the person's clock and the quotations taken out of it."""

    now: datetime
    # As written with their quotes, and what they hold, by their signs.
    quotations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Of "5/6", which both could be.
    day_first: bool = False
    earlier: Earlier = NOTHING_EARLIER
    # Whether the words name a task that the person has.
    knows: Callable[[str], bool] = lambda words: False
    # What repeats is to be added as it is, once.
    is_once: bool = False

    def words(self, fragment: str) -> str:
        """The fragment as the person wrote it; of one that is a quotation and no more, what it holds."""
        fragment = fragment.strip()
        if len(fragment) == 1 and SIGN.match(fragment):
            return self._of(fragment)[1].strip()
        return SIGN.sub(lambda sign: self._of(sign.group())[0], fragment.strip(STRAY))

    def _of(self, sign: str) -> tuple[str, str]:
        return self.quotations[sign]


def hide_quotations(message: str, now: datetime, **more: Any) -> tuple[str, Setting]:
    hidden: dict[str, tuple[str, str]] = {}

    def hide(written: str, meant: str, first: int) -> str:
        sign = chr(first + len(hidden))
        hidden[sign] = (written, meant)
        return sign

    def hide_address(match: re.Match[str]) -> str:
        run = match.group()
        address = run.strip(AROUND)
        if len(address) < 2 or not ADDRESS.search(address) or NO_ADDRESS.fullmatch(address):
            return run
        return run.replace(address, hide(address, address, FIRST_ADDRESS), 1)

    text = SPACES.sub(" ", UNWANTED.sub(" ", message))
    text = QUOTATION.sub(lambda match: hide(match.group(), match[match.lastgroup or 0], FIRST), text)
    if any(mark in text for mark in "/\\@") or "www." in text.lower():
        text = RUN.sub(hide_address, text)
    return text.strip(), Setting(now, hidden, **more)
