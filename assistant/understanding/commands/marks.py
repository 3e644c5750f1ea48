"""Tags and priorities as people mark a task with them: "#home", "!high", "high priority", "urgent"."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

LEVELS: Final[Mapping[str, str]] = {
    "high": "high",
    "highest": "high",
    "top": "high",
    "urgent": "high",
    "important": "high",
    "critical": "high",
    "crucial": "high",
    "asap": "high",
    "medium": "medium",
    "normal": "medium",
    "med": "medium",
    "default": "medium",
    "low": "low",
    "lowest": "low",
    "unimportant": "low",
    "not urgent": "low",
    "not important": "low",
}
LEVEL: Final = rf"(?:{'|'.join(sorted(LEVELS, key=len, reverse=True))})"
# The marks that some scripts write on their letters, which are of the word (UAX #31), as are its joiners.
SCRIPTS: Final = (range(0x300, 0x1D00), range(0xA800, 0xAC00), range(0xFE00, 0xFE10))
LETTER_MARKS: Final = "".join(
    chr(code) for codes in SCRIPTS for code in codes if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
LETTER: Final = rf"[\w{LETTER_MARKS}\u200c\u200d]"
# "#3" is a number of a list, "#ff0000" a colour; "#c++", "#c#" and "#node.js" are single words.
TAG: Final = re.compile(
    rf"(?<![\w#&/])#(?!(?=[a-f]*\d)(?:[0-9a-f]{{6}}|[0-9a-f]{{8}})(?![\w-]))(?P<tag>(?!\d+\b(?!-)){LETTER}"
    rf"(?:{LETTER}|-|\+|#(?!\w)|\.(?={LETTER})){{0,60}})",
    re.IGNORECASE,
)
TAG_WORDS: Final = r"#?\w[\w#, -]{0,300}"
TAG_LIST: Final = re.compile(
    r"(?:,|\(|\bwith|\band)? ?\b(?:tagged(?: with| as)?|tags?:|with (?:the )?tags?:?|labell?ed(?: as)?)"
    r" (?P<tags>#?[\w-]+(?:(?:,? and|,) #?[\w-]+){0,20})[).]*$",
    re.IGNORECASE,
)
PRIORITY: Final = re.compile(
    rf"(?<!\w)!(?P<mark>{LEVEL})\b"
    rf"|(?:,|\(|\band)? ?\b(?:(?:with|at|as|of|it['’]s|is) )?(?:an? )?(?P<before>{LEVEL})[ -]prio(?:rity)?\b\)?"
    rf"|(?:,|\(|\band)? ?\b(?:with )?(?:a )?priority(?: of| is|:|=)? ?(?P<after>{LEVEL})\b\)?"
    r"|^(?P<first>urgent|important|asap)(?:[:,!]| -) ?"
    r"|(?:,|\(|[.!] | -| and) ?(?:(?:it['’]?s|this is) )?(?:very )?(?P<last>urgent|important)\b[).! ]*$"
    r"|(?<=\w) (?P<word>urgent|asap)[.! ]*$",
    re.IGNORECASE,
)


def take_priority(text: str) -> tuple[str, str | None]:
    """The text without the words of the priority, and the priority."""
    match = PRIORITY.search(text)
    if not match:
        return text, None
    word = next(word for word in match.groupdict().values() if word)
    return f"{text[: match.start()]} {text[match.end() :]}".strip(), LEVELS.get(word.lower(), "high")


def take_tags(text: str) -> tuple[str, list[str]]:
    """The text without its tags, and the tags."""
    tags: list[str] = []
    if listed := TAG_LIST.search(text):
        tags = words_of_tags(listed["tags"])
        text = text[: listed.start()]
    tags = [match["tag"] for match in TAG.finditer(text)] + tags
    return TAG.sub("", text), list(dict.fromkeys(tags))


def words_of_tags(text: str) -> list[str]:
    """ "#home, work and garden" as three."""
    words = re.split(r"[\s,]+", text)
    return list(dict.fromkeys(word.lstrip("#") for word in words if word.strip("#") and word.lower() != "and"))
