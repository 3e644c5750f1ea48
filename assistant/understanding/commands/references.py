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
    rf"(?:,? (?:{NOUN}|ones?|thing|stuff|now|please|too|as well|again|instead|for me|today|already|completely|entirely"
    rf"|permanently"
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
# What points at tasks that were told of before.
ONE: Final = re.compile(
    rf"(?:it|this|that|him|her|(?:this|that|the same|the new|the) (?:one|{NOUN})|the same|(?:the (?:one|task) "
    rf"|what )i just (?:added|made|said)"
    r"|that last (?:one|task))",
    re.IGNORECASE,
)
LAST: Final = re.compile(rf"(?:the |my )?(?:very )?(?:last|latest|previous)(?: (?:one|{NOUN}))?", re.IGNORECASE)
MANY: Final = re.compile(
    rf"(?:them|these|those|they|both)(?: all| both| (?:ones|{NOUN})| of (?:them|these|those))?|all of (?:them|these"
    rf"|those)"
    r"|(?:it|them) all",
    re.IGNORECASE,
)
COUNTED: Final = re.compile(
    rf"(?:the |my )?(?P<side>first|last) (?P<count>[2-9]|1\d|{'|'.join(CARDINALS[1:])})(?: (?:ones|{NOUN}))?",
    re.IGNORECASE,
)
AND: Final = re.compile(r"\s*,\s*(?:and\s+|&\s*)?|\s+(?:and(?: also)?|&|plus|as well as)\s+", re.IGNORECASE)
EVERY: Final = re.compile(
    r"^(?:all|every|everything|each|any|both|what(?:ever)?(?:['’]?s| is| are| i(?:['’]ve| have))(?: been)?)\b(?: of)?"
    r"(?: (?:my|the|these|those|that(?:['’]?s| is| are)|which is|i(?:['’]ve| have)))*",
    re.IGNORECASE,
)
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
    # Only pointed at: "it", "the last one".
    is_pointed: bool = False

    @property
    def is_missing(self) -> bool:
        return not self.tasks and self.every is None


MISSING: Final = Reference()


def read_reference(text: str, setting: Setting) -> Reference:
    """``MISSING`` also where the words name nothing surely."""
    text = text.strip(" ,.:;!\n")
    if len(text) > LONGEST:
        return MISSING
    bare = AFTER.sub("", text)
    if pointed := _pointed(text, setting) or _pointed(bare, setting):
        return pointed
    if every := _every(text, setting):
        return every
    if PRONOUNS.fullmatch(text) or PRONOUNS.fullmatch(bare):
        return MISSING
    named = BEFORE.sub("", bare, count=1).strip()
    return (
        _listed(bare, setting)
        or _listed(named, setting)
        or _numbers(bare)
        or _numbers(named)
        or _cardinal(bare)
        or _several(named, setting)
        or _words(text, named, setting)
    )


def _pointed(text: str, setting: Setting) -> Reference | None:
    earlier = setting.earlier
    if match := COUNTED.fullmatch(text):
        count = _count(match["count"])
        numbers = range(1, len(earlier.listed) + 1)
        chosen = numbers[:count] if match["side"].lower() == "first" else numbers[-count:]
        return _explicit(str(number) for number in chosen) if len(chosen) == count else None
    if LAST.fullmatch(text) and earlier.listed and (earlier.changed is None or not earlier.is_recent):
        return _explicit([str(len(earlier.listed))])
    tasks = earlier.tasks
    if ONE.fullmatch(text) or LAST.fullmatch(text):
        return Reference(tasks, is_explicit=True, is_pointed=True) if len(tasks) == 1 else None
    if MANY.fullmatch(text) and tasks:
        is_both = "both" in text.lower()
        wanted = range(2, 3) if is_both else range(1, MAX_TOOL_CALLS + 1)
        return Reference(tasks, is_explicit=True, is_pointed=True) if len(tasks) in wanted else None
    return None


def _count(word: str) -> int:
    return CARDINALS.index(word.lower()) + 1 if word.lower() in CARDINALS else int(word)


def _several(text: str, setting: Setting) -> Reference | None:
    """ "the laundry and the dentist", unless one task is called so."""
    parts = [part for part in AND.split(text) if part.strip()]
    if not 1 < len(parts) <= MAX_TOOL_CALLS or setting.knows(text):
        return None
    found = [read_reference(part, setting) for part in parts]
    if any(reference.is_missing or reference.every is not None for reference in found):
        return None
    return Reference(
        tuple(dict.fromkeys(task for reference in found for task in reference.tasks)),
        is_explicit=all(reference.is_explicit for reference in found),
        is_pointed=any(reference.is_pointed for reference in found),
    )


def _every(text: str, setting: Setting) -> Reference | None:
    is_all = EVERY.match(text)
    if not (is_all or SEVERAL.search(text)):
        return None
    rest = EVERY.sub("", text).strip()
    filters = read_filters(rest, setting, may_be_about=bool(SEVERAL.search(text)))
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
    if PRIORITY.search(named) or any(when.end == len(named) for when in find_dates(named, setting)):
        return MISSING
    has_noun = bool(re.search(rf"\b{NOUN}\b", text, re.IGNORECASE))
    return Reference((setting.words(named),), is_explicit=has_noun)


def _explicit(names: Any) -> Reference:
    tasks = tuple(dict.fromkeys(names))[:MAX_TOOL_CALLS]
    return Reference(tasks, is_explicit=True) if tasks else MISSING
