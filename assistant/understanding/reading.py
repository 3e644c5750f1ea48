"""Reads a message as a whole."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.understanding.clauses import BEGINNING, BULLET, MOST_CLAUSES, Before, Clause, split_clauses
from assistant.understanding.commands import following
from assistant.understanding.commands.adding import add_each, read_addition, read_bare_addition
from assistant.understanding.commands.changes import ASK_DELETION, read_change
from assistant.understanding.commands.listing import read_list, read_search
from assistant.understanding.commands.updates import read_unfinished_update, read_update
from assistant.understanding.manners import TAKEN_BACK, why_nothing, without_manners
from assistant.understanding.meanings import READING_TOOLS, Guidance, Intent, Meaning, Question, Understanding
from assistant.understanding.quotes import QUOTED, Setting, hide_quotations

ASKED: Final = re.compile(r"\b(?:(?:can|could|would|will|won['’]t) (?:you|u)|please|mind)\b", re.IGNORECASE)
NEED: Final = re.compile(r"(?:i|we) (?:need|have|must)(?: to)? ", re.IGNORECASE)
# "complete all tasks due today" and "make it urgent" are about tasks that are there.
NO_TITLE: Final = re.compile(r"\w+ (?:all|every|everything|each|it|this|that|them|these|those|both)\b", re.IGNORECASE)
ASK_LESS: Final = f"That is more than I can do at once. Please ask for at most {MAX_TOOL_CALLS} things in a message."
READERS: Final[tuple[Callable[[str, Setting], Meaning | None], ...]] = (
    read_update,
    read_list,
    read_addition,
    read_change,
    read_search,
    read_unfinished_update,
)
GREETING: Final = re.compile(
    r"(?:(?:hi+|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|day|night)|greetings|yo|bye|goodbye"
    r"|see you)(?: (?:there|again|assistant|bot|everyone|later))?)",
    re.IGNORECASE,
)
THANKS: Final = re.compile(
    r"(?:(?:many |ok(?:ay)?,? |great,? |perfect,? )?(?:thanks|thank you|thx|cheers|ta)(?: (?:you|a lot|so much"
    r"|very much|again|mate))*|great|perfect|cool|nice|awesome|well done|good job|ok(?:ay)?)",
    re.IGNORECASE,
)
HELP: Final = re.compile(
    r"(?:help(?: me)?(?: please)?|\?+|commands?|what can (?:you|i) do(?: here| for me)?|what can i (?:say|ask"
    r"|type)(?: here)?|how does (?:this|it) work|how do (?:i|you) (?:use (?:this|you|it)|work)"
    r"|what (?:are you|do you do|is this)|who are you|menu|options|instructions|usage"
    r"|i need help(?: with .{1,40})?|(?:show"
    r"|list)(?: me)? (?:the )?(?:commands|help|options))",
    re.IGNORECASE,
)
HEADING: Final = re.compile(
    r"[^:\n\ue000-\uf8ff]{0,60}\b(?:add|create|new|tasks|to-?dos|list|these|following"
    r"|remind me)\b[^:\n\ue000-\uf8ff]{0,40}(?::[ ]*|(?=\n\s*[-*•]))\n",
    re.IGNORECASE,
)


def understand(message: str, now: datetime, before: str | None = None) -> Understanding:
    """``now`` is aware, in the person's zone; ``before`` is what the assistant said last. Never raises."""
    text, setting = hide_quotations(message, now)
    clauses = split_clauses(text)
    if not clauses:
        return Understanding(guidance=Guidance.UNCLEAR)
    if before and (answer := following.read_answer(text, before, setting, _meaning_of(clauses[0], setting))):
        return _together([answer])
    if heading := HEADING.match(text):
        return _together([_listed(text[heading.end() :], heading.group(), setting)])
    if any(TAKEN_BACK.search(clause.text, max(0, len(clause.text) - 60)) for clause in clauses):
        return Understanding(guidance=Guidance.NOTHING)
    if len(clauses) > MOST_CLAUSES:
        return Understanding(question=ASK_LESS)
    return _checked(clauses, [_meaning_of(clause, setting) for clause in clauses])


def _listed(lines: str, heading: str, setting: Setting) -> Meaning:
    reason = why_nothing(heading, without_manners(heading))
    return reason or add_each([BULLET.sub("", line) for line in lines.split("\n")], setting)


def _meaning_of(clause: Clause, setting: Setting) -> Meaning:
    text = without_manners(clause.text)
    whole = clause.text.strip(" .,!\n")
    if HELP.fullmatch(whole) or HELP.fullmatch(text.strip(" ?!.")):
        return Guidance.HELP
    if THANKS.fullmatch(text.strip(" ?!.")):
        return Guidance.THANKS
    if GREETING.fullmatch(text.strip(" ?!.,")) or GREETING.fullmatch(whole):
        return Guidance.GREETING
    if listed := read_list(text, setting):
        return listed
    if reason := why_nothing(clause.text.strip(), text):
        return reason
    return _command_of(clause, text, setting)


def _command_of(clause: Clause, text: str, setting: Setting) -> Meaning:
    is_question = clause.text.rstrip().endswith("?") and not ASKED.search(clause.text)
    meaning = _read(_without_need(text), setting, is_question=is_question)
    # "delete 2?" wonders.
    changes = isinstance(meaning, tuple) and any(intent.tool not in (*READING_TOOLS, "add_task") for intent in meaning)
    return Guidance.UNCLEAR if changes and is_question else meaning


def _without_need(text: str) -> str:
    """ "I need to delete 2" is a command, "I need to delete old photos" something to do."""
    need = NEED.match(text)
    command = BEGINNING.match(text, need.end()) if need else None
    return text[command.start() :] if command and command["changing"] and command["sure"] else text


def _read(text: str, setting: Setting, *, is_question: bool) -> Meaning:
    bare = None if NO_TITLE.match(text) else read_bare_addition(text, setting, is_question=is_question)
    if bare and _is_marked_task(bare) and not re.search(rf"\d|{QUOTED}|\btask\b", text[:12]):
        update = read_update(text, setting)
        return (None if isinstance(update, Question) else update) or read_addition(text, setting) or bare
    for read in READERS:
        if meaning := read(text, setting):
            return meaning
    return bare or Guidance.UNCLEAR


def _is_marked_task(bare: Meaning) -> bool:
    """ "finish the report by friday" is to be done, "finish the report" was."""
    return isinstance(bare, tuple) and len(bare[0].arguments) > 1


def _checked(clauses: list[Clause], meanings: list[Meaning]) -> Understanding:
    """A deletion is only taken from a message that is understood as a whole."""
    deletes = [isinstance(meaning, tuple) and any(i.tool == "delete_task" for i in meaning) for meaning in meanings]
    is_doubtful = any(meaning in (Guidance.UNCLEAR, Guidance.NOTHING) for meaning in meanings)
    for index, clause in enumerate(clauses):
        if deletes[index] and (is_doubtful or not _is_beyond_doubt(clause, meanings[index])):
            meanings[index] = Question(ASK_DELETION)
    return _together(meanings)


def _is_beyond_doubt(clause: Clause, meaning: Meaning) -> bool:
    """It cannot be words of a title, a note or a pasted text that began before."""
    if clause.before is Before.NOTHING_FREE:
        return True
    if clause.before is Before.TEXT and not clause.is_next:
        return False
    is_each = isinstance(meaning, tuple) and any(intent.each is not None for intent in meaning)
    return not is_each and bool(re.search(rf"\d|{QUOTED}|\btask\b", clause.text))


def _together(meanings: list[Meaning]) -> Understanding:
    intents: tuple[Intent, ...] = tuple(
        intent for meaning in meanings if isinstance(meaning, tuple) for intent in meaning
    )
    questions = dict.fromkeys(meaning.text for meaning in meanings if isinstance(meaning, Question))
    reasons = [meaning for meaning in meanings if isinstance(meaning, Guidance)]
    unclear = Guidance.UNCLEAR in reasons
    if len(intents) > MAX_TOOL_CALLS:
        return Understanding(question=ASK_LESS)
    understanding = Understanding(intents, "\n".join(questions) or None, has_unclear_part=unclear)
    if intents or questions or not reasons:
        return understanding
    return replace(
        understanding,
        guidance=next((r for r in reasons if r in (Guidance.UNCLEAR, Guidance.NOTHING)), reasons[-1]),
        has_unclear_part=False,
    )
