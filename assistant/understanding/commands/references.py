"""Which tasks a command is about: "2", "#2 and #3", "the second one", "the plumber task", "everything"."""

import re
from dataclasses import dataclass
from typing import Any, Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.understanding.commands.filters import read_filters
from assistant.understanding.commands.marks import PRIORITY, TAG
from assistant.understanding.dates.dates import find_dates
from assistant.understanding.quotes import QUOTED, Setting

LONGEST: Final = 300
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CARDINALS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NOUN: Final = r"(?:tasks?|to-?dos?|items?|reminders?|entry|entries)"
BEFORE: Final = re.compile(
    rf"^(?:the |my |our )*(?:{NOUN}(?: (?:called|named|titled|with (?:the )?(?:title|name)|about))?|numbers?"
    rf"|nos?\.|nr\.?|#(?= ))?(?: (?:numbers?|no\.|#(?= )))?:? ?",
    re.IGNORECASE,
)
AFTER: Final = re.compile(
    rf"(?:,? (?:{NOUN}|ones?|now|please|too|as well|again|instead|for me|today|already|completely|entirely|permanently"
    rf"|(?:from|off|on|in) (?:my|the) (?:{NOUN}|(?:{NOUN} |to-?do |task )?list)))+$",
    re.IGNORECASE,
)
ITEM: Final = rf"(?:(?:the )?(?:{NOUN}|numbers?|no\.) )?(?:the )?(?:#?\d{{1,4}}|{QUOTED})"
LISTED: Final = re.compile(rf"{ITEM}(?:(?:,? ?(?:and(?: also)?|&|plus) ?|, ?| ){ITEM}){{0,40}}", re.IGNORECASE)
RANGE: Final = re.compile(r"#?(\d{1,4}) ?(?:-|–|to|through|till|until) ?#?(\d{1,4})", re.IGNORECASE)
ORDINAL: Final = re.compile(
    rf"(?:{'|'.join(ORDINALS)})(?:(?:,| and|, and) (?:the )?(?:{'|'.join(ORDINALS)}))*", re.IGNORECASE
)
SUFFIXED: Final = re.compile(r"(\d{1,3})(?:st|nd|rd|th)", re.IGNORECASE)
# Nobody but the person knows which of them is meant.
PRONOUNS: Final = re.compile(
    rf"(?:it|this|that|these|those|them|both|him|her|one|(?:this|that|these|those|a|an|some|any|another) (?:one"
    rf"|{NOUN})|(?:it|them|these|those|both) all|the (?:last|other|same|latest) (?:one|{NOUN})"
    r"|last|both of them|all of (?:it|them|these|those)|as|to|off|none|nothing|everyone|things?|stuff|something"
    r"|anything|some|any|a few)",
    re.IGNORECASE,
)
# Words that make a plain title doubtful: they say on what condition, or except what.
DOUBTFUL: Final = re.compile(
    r"\b(?:if|unless|except|excepting|but|not|don['’]?t|until|when|once|without|instead|or|maybe|perhaps|then"
    r"|besides|apart|other than|never|no|almost|nearly|mostly|half|either|neither|several|everything)\b|[?]",
    re.IGNORECASE,
)
EVERY: Final = re.compile(r"^(?:all|every|everything|each|any)\b(?: of)?(?: (?:my|the|these|those))*", re.IGNORECASE)
SEVERAL: Final = re.compile(
    r"\b(?:tasks|to-?dos|items|reminders|ones)$|^(?:the |my )*(?:completed|done|finished|overdue)(?: ones| stuff)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    tasks: tuple[str, ...] = ()
    # Named by number, in quotes or with the word "task", so that it cannot be words of something else.
    is_explicit: bool = False
    # Instead of names: the arguments of the list that holds them.
    every: dict[str, Any] | None = None

    @property
    def is_missing(self) -> bool:
        return not self.tasks and self.every is None


MISSING: Final = Reference()


def read_reference(text: str, setting: Setting) -> Reference:
    """``MISSING`` also where the words name nothing surely."""
    text = text.strip(" ,.:;!\n")
    if len(text) > LONGEST:
        return MISSING
    if every := _every(text, setting):
        return every
    bare = AFTER.sub("", text)
    if PRONOUNS.fullmatch(text) or PRONOUNS.fullmatch(bare):
        return MISSING
    named = BEFORE.sub("", bare, count=1).strip()
    return (
        _listed(bare, setting)
        or _listed(named, setting)
        or _numbers(bare)
        or _numbers(named)
        or _cardinal(bare)
        or _words(text, named, setting)
    )


def _every(text: str, setting: Setting) -> Reference | None:
    is_all = EVERY.match(text)
    if not (is_all or SEVERAL.search(text)):
        return None
    rest = EVERY.sub("", text).strip()
    filters = read_filters(rest, setting)
    if filters is None:
        return MISSING if is_all else None
    # "my tasks" could be any of them.
    return Reference(every=filters) if is_all or filters else MISSING


def _numbers(text: str) -> Reference | None:
    text = re.sub(r"^(?:the )", "", text, flags=re.IGNORECASE)
    if between := RANGE.fullmatch(text):
        first, last = int(between[1]), int(between[2])
        return (
            _explicit(str(number) for number in range(first, min(last, first + MAX_TOOL_CALLS - 1) + 1))
            if first <= last
            else MISSING
        )
    if ORDINAL.fullmatch(text):
        return _explicit(str(ORDINALS.index(word) + 1) for word in re.findall(r"\w+", text.lower()) if word in ORDINALS)
    if suffixed := SUFFIXED.fullmatch(text):
        return _explicit([suffixed[1]])
    return None


def _cardinal(text: str) -> Reference | None:
    match = re.fullmatch(rf"(?:{NOUN}|number) (?:number )?({'|'.join(CARDINALS)})", text, re.IGNORECASE)
    return _explicit([str(CARDINALS.index(match[1].lower()) + 1)]) if match else None


def _listed(text: str, setting: Setting) -> Reference | None:
    """Numbers and quoted titles."""
    if not LISTED.fullmatch(text):
        return None
    return _explicit(
        title
        for name in re.findall(rf"\d+|{QUOTED}", text)
        if (title := setting.words(name) if not name.isdecimal() else name.lstrip("0") or "0")
    )


def _words(text: str, named: str, setting: Setting) -> Reference:
    if not re.search(r"\w", named) or DOUBTFUL.search(named) or TAG.search(named):
        return MISSING
    # Marks are a new task's: which other one they mean is not sure.
    if PRIORITY.search(named) or any(when.end == len(named) for when in find_dates(named, setting.now)):
        return MISSING
    has_noun = bool(re.search(rf"\b{NOUN}\b", text, re.IGNORECASE))
    return Reference((setting.words(named),), is_explicit=has_noun)


def _explicit(names: Any) -> Reference:
    tasks = tuple(dict.fromkeys(names))[:MAX_TOOL_CALLS]
    return Reference(tasks, is_explicit=True) if tasks else MISSING
