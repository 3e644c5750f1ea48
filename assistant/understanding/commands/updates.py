"""Commands that change a task's title, description, priority, due time or tags."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from assistant.understanding.commands.attributes import Changes, read_attributes
from assistant.understanding.commands.fields import RENAMES, UPDATES, Reader
from assistant.understanding.commands.references import Reference, read_reference
from assistant.understanding.commands.shifts import read_named_shift, read_shift
from assistant.understanding.dates.dates import find_dates
from assistant.understanding.meanings import Intent, Meaning, Question
from assistant.understanding.quotes import QUOTED, Setting

ASK_CHANGE: Final = (
    "What should I change? For example: “rename 2 to Buy bread”, “move 2 to friday” or “make 2 high priority”."
)
ASK_WHEN: Final = "Until when? For example: “{verb} {task} to friday” or “{verb} {task} to 3 May at 9:00”."
ASK_INCLUDE: Final = "Should that be part of its title or a note? Say “rename {task} to …” or “note on {task}: …”."
UNFINISHED: Final = re.compile(
    r"(?P<verb>rename|retitle|postpone|reschedule|update|edit|modify|snooze|change|make|set|tag|label|move|delay|push"
    r"|give)"
    r"(?: (?P<ref>.+?))?(?: to)?(?: by .+)?",
    re.IGNORECASE | re.DOTALL,
)
WITHOUT_VALUE: Final = re.compile(
    r"(?:add|set|change|give|put|raise|lower)(?: (?P<ref_2>(?!(?:the|an?|its) (?:due|dead|prio|tag|note|desc|title"
    r"|name)).{1,60}?))? (?:an? |the |its )?(?:due ?date|deadline"
    r"|priority|tags?"
    r"|note|description|title|name)(?: (?:to|for|of|on) (?P<ref>.+))?",
    re.IGNORECASE | re.DOTALL,
)
PRONOUN: Final = re.compile(r"(?:it|this|that|them|these|those|the last one)\b", re.IGNORECASE)
# Whose object is a task that is there. After the others it may be something to do: "make a cake by friday".
MOVING: Final = re.compile(
    r"(?P<verb>(?:move|postpone|re-?schedule|push|delay|defer|shift|snooze|bump|put off|hold off|bring forward"
    r"|pull forward"
    r"|change|update|edit|set(?! up)|adjust|switch|modify|bring|pull)(?: (?:back|out|off|forward|up))?) ",
    re.IGNORECASE,
)
MAKING: Final = re.compile(r"(?P<verb>make|mark|flag|put|give|turn|have|keep|schedule|do|set up) ", re.IGNORECASE)
LINK: Final = re.compile(
    r" (?:back |forward |out |off |over )?(?P<link>to be|to|until|till|for|by|on|at|as|with|@)(?: an?)? "
    r"|(?P<due> (?=due\b|not due\b|without\b))"
    r"|(?P<none> )(?=(?:(?:very |really )?(?:an? )?(?:high|low|medium|top|normal|urgent|important|critical)\b|tomorrow"
    r"|today|tonight|next|#))",
    re.IGNORECASE,
)
STATE: Final = re.compile(
    r"(?:['’]s| (?:is|are|(?:should|must|has to|needs to) be (?:done|finished|completed|ready)|should be|must be"
    r"|has to be|needs to be|will be|(?:was|were|is|has been|got|been)? ?(?:moved"
    r"|postponed"
    r"|rescheduled|pushed|changed|delayed|shifted|brought forward)(?: back)? to|should have|has|gets?|needs|is set for"
    r"|starts))"
    r"(?: now| actually| also| already| an?)? (?:now |due )?",
    re.IGNORECASE,
)
NOT_DUE: Final = re.compile(
    r"(?P<ref>.{1,200}?) (?:no longer has|does ?n['’]?t have|does not have|has ?n['’]?t got|should ?n['’]?t have"
    r"|needs no|has no"
    r"|does ?n['’]?t need|isn['’]?t|is not|is no longer) (?:an? |any )?(?:due ?date|deadline|date|due)(?: any ?more"
    r"| now)?",
    re.IGNORECASE,
)
NOT_URGENT: Final = re.compile(
    r"(?P<ref>.{1,200}?) (?:is ?n['’]?t|is not|is no longer) (?:so |that |very )?(?:urgent|important)(?: any ?more)?",
    re.IGNORECASE,
)
AT_INSTEAD: Final = re.compile(r"(?P<ref>.{2,100}?) (?P<when>(?:at|on|to|by|@) ?.{1,60}) instead", re.IGNORECASE)
SUBJECT: Final = re.compile(
    r"(?:i|you|he|she|we|they|today|tomorrow|there|here|what|who|my (?:boss|birthday|life))\b", re.IGNORECASE
)
INSTEAD: Final = re.compile(r"\b(?:instead|rather than|now)\b", re.IGNORECASE)
INCLUDE: Final = re.compile(
    r"(?:update|change|edit|modify|extend) (?P<ref>.{1,200}?) to (?:include|also|add|mention|say|contain)\b.*",
    re.IGNORECASE,
)
FROM: Final = re.compile(r" from .{1,60}$", re.IGNORECASE)
DANGLING: Final = re.compile(r"(?:\band|,|\bor|\bto|\bfor|\bis)\s*$", re.IGNORECASE)
MOST_LINKS: Final = 12
# What may be meant: the words of the task, with what it shall become.
Guesses = Iterator[tuple[str, Changes]]
Patterns = tuple[tuple[re.Pattern[str], Reader], ...]


def read_update(text: str, setting: Setting) -> Meaning | None:
    if include := INCLUDE.fullmatch(text):
        return Question(ASK_INCLUDE.format(task=setting.words(include["ref"])))
    for read in (_patterns(UPDATES), _shift, _attributes, _statement, _patterns(RENAMES)):
        for ref, changes in read(text, setting):
            # "the laundry urgent and": what else it shall become, some other way to read it finds.
            if not DANGLING.search(ref) and (intents := _intents(read_reference(ref, setting), changes)):
                return intents
    if without := WITHOUT_VALUE.fullmatch(text):
        ref = without["ref"] or without["ref_2"] or ""
        return (
            Question(ASK_CHANGE) if not ref or PRONOUN.match(ref) or read_reference(ref, setting).is_explicit else None
        )
    return None


def _intents(reference: Reference, changes: Changes) -> tuple[Intent, ...] | None:
    if reference.is_missing or (reference.every is not None and "title" in changes):
        return None
    if reference.every is not None:
        return (Intent("update_task", changes, each=reference.every),)
    return tuple(Intent("update_task", {"task": task, **changes}) for task in reference.tasks)


def _patterns(patterns: Patterns) -> Callable[[str, Setting], Guesses]:
    def read(text: str, setting: Setting) -> Guesses:
        for pattern, reader in patterns:
            if match := pattern.fullmatch(text):
                found = {name: words for name, words in match.groupdict().items() if words}
                changes = reader(found, setting)
                if changes is not None:
                    yield found.get("ref") or found.get("ref_2", ""), changes

    return read


def _shift(text: str, setting: Setting) -> Guesses:
    if shift := read_shift(text):
        yield shift
    if (named := read_named_shift(text)) and setting.knows(named[0]):
        yield named


def _attributes(text: str, setting: Setting) -> Guesses:
    verb = MOVING.match(text) or MAKING.match(text)
    if not verb:
        return
    rest = text[verb.end() :]
    is_moving = verb.re is MOVING
    for link, _ in zip(LINK.finditer(rest), range(MOST_LINKS), strict=False):
        ref, said = rest[: link.start()], rest[link.end() :]
        changes = read_attributes(said, setting)
        if changes and _is_of_a_task(link, ref, said, changes, is_moving=is_moving):
            yield _without_from(ref, setting), changes


def _is_of_a_task(link: re.Match[str], ref: str, said: str, changes: Changes, *, is_moving: bool) -> bool:
    """ "move the car tomorrow" and "make a cake by friday" are new tasks."""
    is_named = bool(re.fullmatch(rf"(?:task |number |#|the (?:task )?)*(?:\d+|{QUOTED})(?: task)?", ref)) or bool(
        PRONOUN.fullmatch(ref)
    )
    if (
        is_named
        or link["due"]
        or ("priority" in changes and not link["link"])
        or set(changes) <= {"priority", "add_tags"}
        or INSTEAD.search(said)
    ):
        return True
    return (is_moving and bool(link["link"]) and link["link"] not in ("on", "at", "@", "with")) or (
        is_moving and bool(link["link"]) and re.match(r"(?:the|my) ", ref, re.IGNORECASE) is not None
    )


def _without_from(ref: str, setting: Setting) -> str:
    """ "the meeting from tomorrow" to another day."""
    match = FROM.search(ref)
    return ref[: match.start()] if match and find_dates(match.group(), setting) else ref


def _statement(text: str, setting: Setting) -> Guesses:
    """ "the lunch is at 1:15 now"."""
    if SUBJECT.match(text):
        return
    instead = AT_INSTEAD.fullmatch(text)
    if instead and setting.knows(instead["ref"]) and (changes := read_attributes(instead["when"], setting)):
        yield instead["ref"], changes
    if match := NOT_DUE.fullmatch(text):
        yield match["ref"], {"due_at": None}
    if match := NOT_URGENT.fullmatch(text):
        yield match["ref"], {"priority": "medium"}
    for state, _ in zip(STATE.finditer(text, 1), range(MOST_LINKS), strict=False):
        if changes := read_attributes(text[state.end() :], setting):
            yield text[: state.start()], changes


def read_unfinished_update(text: str, setting: Setting) -> Question | None:
    """Of a change that lacks what it should become, or of what; "change the oil" is none."""
    match = UNFINISHED.fullmatch(text)
    if not match:
        return None
    words, verb = match["ref"] or "", match["verb"].lower()
    reference = read_reference(words, setting)
    if verb in ("postpone", "reschedule", "snooze", "delay") and reference.tasks:
        return Question(ASK_WHEN.format(verb=verb, task=setting.words(words.removeprefix("the "))))
    return Question(ASK_CHANGE) if reference.is_explicit or not words or PRONOUN.match(words) else None
