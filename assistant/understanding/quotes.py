"""Hides what a message quotes, so that no word of a title is ever read as a command.

Each quotation becomes one character of Unicode's private use area; patterns see it as a single sign.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

FIRST: Final = 0xE000
# For use in patterns: any hidden quotation.
QUOTED: Final = "[\ue000-\uf8ff]"
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
SIGN: Final = re.compile(QUOTED)
STRAY: Final = ' \t\n"“”«»,;:'


@dataclass(frozen=True, slots=True)
class Setting:
    """What one message is read against: the person's clock and the quotations taken out of it."""

    now: datetime
    # As written with their quotes, and what they hold.
    quotations: tuple[tuple[str, str], ...] = ()

    def words(self, fragment: str) -> str:
        """The fragment as the person wrote it; of one that is a quotation and no more, what it holds."""
        fragment = fragment.strip()
        if len(fragment) == 1 and SIGN.match(fragment):
            return self._of(fragment)[1].strip()
        return SIGN.sub(lambda sign: self._of(sign.group())[0], fragment.strip(STRAY))

    def _of(self, sign: str) -> tuple[str, str]:
        return self.quotations[ord(sign) - FIRST]


def hide_quotations(message: str, now: datetime) -> tuple[str, Setting]:
    quotations: list[tuple[str, str]] = []

    def hide(match: re.Match[str]) -> str:
        quotations.append((match.group(), match[match.lastgroup or 0]))
        return chr(FIRST + len(quotations) - 1)

    text = SPACES.sub(" ", UNWANTED.sub(" ", message))
    return QUOTATION.sub(hide, text).strip(), Setting(now, tuple(quotations))
