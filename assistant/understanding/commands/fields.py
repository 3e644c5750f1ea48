"""The ways to say what shall become of a task's title, description, priority, due time or tags."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from assistant.understanding.commands.attributes import AFTER, Changes, read_attributes, read_due
from assistant.understanding.commands.marks import LEVEL, LEVELS, TAG_WORDS, words_of_tags
from assistant.understanding.dates.dates import read_date_alone
from assistant.understanding.quotes import QUOTED, Setting

# The changes that the words of a match ask for; None where they are something else.
Reader = Callable[[Mapping[str, str], Setting], Changes | None]

# As long as a reference can be, so that no message is searched all over for each of its words.
REF: Final = r"(?P<ref>.{1,300}?)"
EXPLICIT: Final = rf"(?P<ref>(?:task |number )?(?:#?\d+|{QUOTED})|(?:the )?{QUOTED} task)"
DUE: Final = r"(?:due(?: ?date| time)?|deadline|due day|date|time)"
NOTE: Final = r"(?:notes?|descriptions?|details?|comments?|text)"
# A day or a time that stands alone: "make the client lunch 1pm".
MOMENT: Final = (
    r"\d{1,2}(?::\d\d)? ?(?:[ap]\.?m\.?|o['’]?clock)|\d{1,2}[:.]\d\d|noon|midnight|today|tonight|tomorrow"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
TO: Final = r"(?: to(?: be)?| as| =|:| into| with)"
CHANGE: Final = r"(?:change|set|edit|update|modify|make|put|switch|adjust)"


STATES: Final = re.compile(
    r"(?:the )?(?:done|completed?|finished|closed|open|pending|active|to-?do|in progress|incomplete|not done|started"
    r"|cancelled)",
    re.IGNORECASE,
)
DUE_CHANGES: Final = ("due_at", "due_day", "due_time")


def _title(found: Mapping[str, str], setting: Setting) -> Changes | None:
    """What is a state, a date or a priority is no title."""
    title = setting.words(found["title"])
    if not title or STATES.fullmatch(found["title"]) or read_attributes(found["title"], setting):
        return None
    return {"title": title}


def _priority(found: Mapping[str, str], setting: Setting) -> Changes | None:
    return {"priority": LEVELS[found["level"].lower()]}


def _due(found: Mapping[str, str], setting: Setting) -> Changes | None:
    """A day alone keeps the time, a time the day."""
    said = AFTER.sub("", found["when"])
    if when := read_date_alone(said, setting):
        return read_due([when], setting)
    changes = read_attributes(said, setting)
    return changes if changes and set(changes) & set(DUE_CHANGES) else None


def _description(found: Mapping[str, str], setting: Setting) -> Changes | None:
    text = setting.words(found["text"])
    return {"description": text} if text else None


def _tags(name: str) -> Reader:
    return lambda found, setting: {name: words_of_tags(setting.words(found["tags"]))}


def _known(read: Reader) -> Reader:
    """Only of a task that is there: the words for it and for what it gets stand side by side."""
    return lambda found, setting: read(found, setting) if setting.knows(found["ref"]) else None


def _fixed(**changes: Any) -> Reader:
    return lambda found, setting: dict(changes)


TAGS: Final = rf"(?P<tags>{TAG_WORDS}|{QUOTED})"
HASHES: Final = r"(?P<tags>#(?!\d+\b)[\w-]+(?:(?:,? and|,)? #[\w-]+){0,20})"
# In this order; of those that fit a whole clause the first that can be read is it.
UPDATES: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), read)
    for pattern, read in (
        (
            rf"(?:remove|clear|delete|drop|unset|cancel|erase|take away) (?:the |its )?{DUE} (?:of|from|for|on) {REF}",
            _fixed(due_at=None),
        ),
        (rf"(?:remove|clear|delete|drop|unset|erase) {REF}(?:['’]s)? {DUE}", _fixed(due_at=None)),
        (rf"{CHANGE} (?:the )?{DUE} (?:of|for|on) {REF}{TO} (?:none|nothing|never|no date)", _fixed(due_at=None)),
        (rf"{REF} (?:has|needs|should have) no {DUE}(?: any ?more| now)?", _fixed(due_at=None)),
        (
            rf"(?:remove|clear|delete|drop|unset|erase) (?:the |its )?{NOTE} (?:of|from|for|on) {REF}",
            _fixed(description=None),
        ),
        (
            rf"(?:remove|clear|delete|drop) (?:all )?(?:the |its )?tags (?:of|from|on) {REF}"
            rf"|untag (?P<ref_2>{QUOTED}|#?[0-9]+)",
            _fixed(tags=[]),
        ),
        (
            rf"(?:change|set|raise|lower|put|update|make|increase|decrease|edit) (?:the )?priority (?:of|for"
            rf"|on) {REF}{TO} (?P<level>{LEVEL})(?: priority)?",
            _priority,
        ),
        (
            rf"(?:change|set|raise|lower|update|make) {REF}(?:['’]s)? priority{TO}? (?P<level>{LEVEL})(?: priority)?",
            _priority,
        ),
        (
            rf"(?:make|mark|set|flag|change|give|move|update) {REF}(?: to(?: be)?| as| a| an"
            rf"| the)?(?: as)? (?P<level>{LEVEL})(?:[ -]priority)?",
            _priority,
        ),
        (rf"(?:set|give) (?:the )?(?:priority )?(?P<level>{LEVEL})(?: priority)? (?:for|on|to) {REF}", _priority),
        (rf"{EXPLICIT} is (?:now )?(?P<level>{LEVEL})", _priority),
        (
            rf"(?:remove|clear|drop|take|unset) (?:the |its )?(?:{LEVEL} )?priority (?:from|of|off|on) {REF}",
            _fixed(priority="medium"),
        ),
        (rf"(?:prioriti[sz]e|star|raise (?:the )?priority of|bump(?: up)?) {REF}", _fixed(priority="high")),
        (rf"(?:de-?prioriti[sz]e|lower (?:the )?priority of) {REF}", _fixed(priority="low")),
        (rf"{REF}(?:['’]s| is| should be| has)(?: now)? (?P<level>{LEVEL})[ -]priority", _priority),
        (
            rf"(?:move|postpone|reschedule|re-schedule|push(?: back| out)?|delay|defer|shift|snooze|put off"
            rf"|bring forward) {REF} (?:back |forward |out )?(?:to|until|till|for|by) (?P<when>.+)",
            _due,
        ),
        # "move the car tomorrow" is a new task.
        (rf"(?:move|postpone|reschedule|push|delay|defer|snooze|schedule) {EXPLICIT} (?:for |on )?(?P<when>.+)", _due),
        (rf"(?:change|set|update|move|put|make|edit|push) (?:the )?{DUE} (?:of|for|on) {REF}{TO} (?P<when>.+)", _due),
        (rf"(?:change|set|update|move|push|make|give) {REF}(?:['’]s)? (?:an? )?{DUE}(?:{TO}| of)? (?P<when>.+)", _due),
        (rf"{CHANGE} {REF}(?: to(?: be)?| as| for)? (?P<when>(?:due )\S.*)", _due),
        (rf"(?:change|set(?! up)|update) {REF} (?:to|for|on) (?P<when>.+)", _due),
        (rf"(?:the )?{DUE} (?:of|for) {REF} (?:is|should be) (?P<when>.+)", _due),
        (rf"{EXPLICIT} (?P<when>due .+)", _due),
        (rf"add (?:an? )?{DUE} (?:of )?(?P<when>.+) to {REF}", _due),
        (rf"{REF} (?:is|are|should be|has to be|must be)(?: now)? (?P<when>due .+)", _due),
        (rf"(?:add|attach|put|apply|assign) (?:the )?(?:tags?|labels?) {TAGS} (?:to|on) {REF}", _tags("add_tags")),
        (rf"add (?:the |an? )?(?P<tags>#?[\w-]+) (?:tag|label) (?:to|on) {REF}", _tags("add_tags")),
        (
            rf"(?:remove|delete|drop|take) (?:the )?(?P<tags>#?[\w-]+) (?:tag|label) (?:from"
            rf"|off|of) {REF}",
            _tags("remove_tags"),
        ),
        (rf"(?:add|attach|put|apply|assign) {HASHES} (?:to|on) {REF}", _tags("add_tags")),
        (rf"(?:tag|label) {REF} (?:with|as) (?:the )?(?:tags? )?{TAGS}", _tags("add_tags")),
        (rf"(?:tag|label) (?:{EXPLICIT}|(?P<ref_2>it|this|that|them|these|those|both)) {TAGS}", _tags("add_tags")),
        (rf"(?:tag|label) {REF} (?P<tags>#?[\w-]+)", _known(_tags("add_tags"))),
        (rf"(?:make|have|do|put) {REF} (?P<when>(?:(?:at|to|for|on) )?(?:{MOMENT})(?: instead)?)", _known(_due)),
        (rf"(?:remove|delete|drop|take) (?:the )?(?:tags?|labels?) {TAGS} (?:from|off|of) {REF}", _tags("remove_tags")),
        (rf"(?:remove|delete|drop|take) {HASHES} (?:from|off|of) {REF}", _tags("remove_tags")),
        (rf"untag {REF} (?:from|with|as) {TAGS}", _tags("remove_tags")),
        (rf"(?:change|set|update|replace) (?:the )?tags (?:of|for|on) {REF}{TO} {TAGS}", _tags("tags")),
        (rf"describe {REF}(?: as:?| with:?|:) (?P<text>.+)", _description),
        (
            rf"(?:add|attach|write|put) (?:an? |the )?{NOTE} (?:to|on|for) {REF}(?: saying| that says|:"
            rf"|,)+ ?(?P<text>.+)",
            _description,
        ),
        (
            rf"(?:add|attach|write|put) (?:an? |the )?{NOTE} (?:to|on|for) {EXPLICIT}"
            r" (?P<text>.+)",
            _description,
        ),
        (rf"(?:add|attach|write|put) (?:an? |the )?{NOTE} (?P<text>{QUOTED}) (?:to|on|for) {REF}", _description),
        (rf"(?:add|attach|write|put) (?P<text>{QUOTED}) as (?:an? |the )?{NOTE} (?:to|on|for|of) {REF}", _description),
        (rf"(?:change|set|update|edit|make) (?:the )?{NOTE} (?:of|for|on) {REF}{TO} (?P<text>.+)", _description),
        (rf"(?:change|set|update|edit) {REF}(?:['’]s)? {NOTE}{TO} (?P<text>.+)", _description),
        (rf"note (?:on|for|to(?! self)|about) {REF}: ?(?P<text>.+)", _description),
        (rf"(?:add|put|write) (?P<text>.+?) (?:to|in|into|as) (?:the )?{NOTE} (?:of|for|on) {REF}", _description),
    )
)
RENAMES: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), read)
    for pattern, read in (
        (
            rf"(?:change|set|update|edit|modify) (?:the )?(?:title|name|wording) (?:of|for) {REF}{TO} (?P<title>.+)",
            _title,
        ),
        (rf"(?:change|set|update|edit) {REF}(?:['’]s)? (?:title|name)(?: to| as| into|:) (?P<title>.+)", _title),
        (rf"(?:change|update|edit) {REF} with (?:the )?(?:new )?(?:title|name) (?P<title>.+)", _title),
        (rf"(?:change|update|edit) {EXPLICIT}: ?(?P<title>.+)", _title),
        (rf"(?:rename|re-name|retitle|reword|re-?word) {REF}(?: to| into| as|:) (?P<title>.+)", _title),
        (rf"{REF} (?:should|must|has to|needs to) be (?:called|named|renamed to|titled) (?P<title>.+)", _title),
        (rf"(?:call|name) {REF} (?P<title>.+?) (?:instead|from now on)", _title),
        (rf"(?:change|edit|update|modify|turn|replace) {REF} (?:to|into|with) (?P<title>.+)", _title),
        (rf"(?:change|edit|update|modify|rename|replace) {REF}(?: ?->| ?→| ?=>) ?(?P<title>.+)", _title),
    )
)
