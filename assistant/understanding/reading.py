"""Reads a message as a whole."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from assistant.understanding.clauses import BEGINNING, BOUNDARY, BULLET, MOST_CLAUSES, Clause, split_clauses
from assistant.understanding.commands import following
from assistant.understanding.commands.adding import is_marked_task, read_addition, read_bare_addition, unfront
from assistant.understanding.commands.changes import read_change
from assistant.understanding.commands.everyday import is_verb
from assistant.understanding.commands.listing import SEARCHING, read_list, read_search
from assistant.understanding.commands.questions import read_question, unwrapped
from assistant.understanding.commands.several import add_each
from assistant.understanding.commands.statements import read_done, read_not_needed
from assistant.understanding.commands.updates import read_unfinished_update, read_update
from assistant.understanding.consent import is_yes
from assistant.understanding.dates.recurring import find_rule
from assistant.understanding.earlier import NOTHING_EARLIER, Earlier, Told
from assistant.understanding.forms import closest
from assistant.understanding.joining import ASK_LESS, checked, together
from assistant.understanding.manners import TAKEN_BACK, why_nothing, without_manners
from assistant.understanding.meanings import READING_TOOLS, Guidance, Intent, Meaning, Question, Understanding
from assistant.understanding.quotes import QUOTED, Setting, hide_quotations
from assistant.understanding.talk import read_talk
from assistant.understanding.tongues import answer_in, in_english

ASKED: Final = re.compile(r"\b(?:(?:can|could|would|will|won['’]t) (?:you|u)|please|mind)\b", re.IGNORECASE)
ASKING: Final = re.compile(
    r"(?:do|did|does|have|has|had|is|are|was|were|am|when|at what|what|which|who|where|how|whose|by when|until when"
    r"|will|should"
    r"|anything|got anything|on what|for when|details?|the (?:details|status|deadline|due date)|status)\b(?! you\b)",
    re.IGNORECASE,
)
# What is asked of an assistant that can do anything.
TO_US: Final = re.compile(
    r"translate .+ (?:to|into) \w+|(?:write|sing|tell|play|draw|call|text|email|message|cook|buy|order|book|sing"
    r"|recommend) (?:me|us)\b.*"
    r"|(?:sing|play|open|turn (?:on|off) the lights?|set (?:an alarm|a timer)|search the (?:web|internet)|google)\b.*",
    re.IGNORECASE | re.DOTALL,
)
# As in "did the laundry", which begins as a question does.
DID: Final = re.compile(r"(?:did|had|was) ", re.IGNORECASE)
VERBS: Final = (
    *(
        "complete",
        "delete",
        "remove",
        "rename",
        "remind",
        "create",
        "finish",
        "update",
        "change",
        "postpone",
        "reschedule",
    ),
    *("reopen", "search", "cancel", "show", "list", "mark", "move", "find", "undo", "erase", "tick"),
)
NEED: Final = re.compile(r"(?:i|we) (?:need|have|must)(?: to)? ", re.IGNORECASE)
# "complete all tasks due today" and "make it urgent" are about tasks that are there.
NO_TITLE: Final = re.compile(r"\w+ (?:all|every|everything|each|it|this|that|them|these|those|both)\b", re.IGNORECASE)
READERS: Final[tuple[Callable[[str, Setting], Meaning | None], ...]] = (
    read_update,
    read_list,
    read_addition,
    read_change,
    read_done,
    read_search,
    read_unfinished_update,
)
HELP: Final = re.compile(
    r"(?:help(?: me)?(?: please)?|\?+|commands?|what can (?:you|i) do(?: here| for me)?|what can i (?:say|ask"
    r"|type)(?: here)?|how does (?:this|it) work|how do (?:i|you) (?:use (?:this|you|it)|work)"
    r"|what (?:are you|do you do|is this)|who are you|menu|options|instructions|usage"
    r"|i need help(?: with .{1,40})?"
    r"|help(?: me)? (?:with|about|on) (?:my |the )?(?:due )?(?:dates?|deadlines?|reminders?|tags?|labels?"
    r"|priorit(?:y|ies)|lists?|notes?|tasks?|search(?:ing)?|undo|(?:add|delet|complet|renam|mov)ing(?: tasks?)?)"
    r"|(?:show"
    r"|list)(?: me)? (?:the )?(?:commands|help|options))",
    re.IGNORECASE,
)
HEADING: Final = re.compile(
    r"[^:\n\ue000-\uf8ff]{0,60}\b(?:add|create|new|tasks|to-?dos|list|these|following"
    r"|remind me)\b[^:\n\ue000-\uf8ff]{0,40}(?::[ ]*|(?=\n\s*[-*•]))\n",
    re.IGNORECASE,
)


def understand(message: str, now: datetime, earlier: Earlier, **more: Any) -> Understanding:
    """``more`` as of ``Setting``. Never raises but what ``knows`` does."""
    english = in_english(message)
    text, setting = hide_quotations(english or message, now, earlier=earlier, **more)
    clauses = split_clauses(text, lambda rest: _is_surely_command(rest, setting))
    if not clauses:
        return Understanding(guidance=Guidance.UNCLEAR)
    if is_yes(message) and (confirmed := _confirmed(setting)):
        return confirmed
    if len(clauses) == 1 and (meaning := following.read_following(text, setting, _meaning_of(clauses[0], setting))):
        return together([meaning])
    if heading := HEADING.match(text):
        return together([_listed(text[heading.end() :], heading.group(), setting)])
    if any(TAKEN_BACK.search(clause.text, max(0, len(clause.text) - 60)) for clause in clauses):
        return Understanding(guidance=Guidance.NOTHING)
    if len(clauses) > MOST_CLAUSES:
        return Understanding(question=ASK_LESS)
    understanding = checked(clauses, list(_meanings(clauses, setting)))
    if understanding.guidance is Guidance.UNCLEAR and not english and (answer := answer_in(message)):
        return Understanding(question=answer)
    return understanding


def _is_surely_command(rest: str, setting: Setting) -> bool:
    """Of a task that is there, or of "it", which the clause before is about."""
    text = without_manners(BOUNDARY.split(rest, maxsplit=1)[0])
    before = replace(setting, earlier=Earlier(calls=(Told("", {}, (("it", "it"),)),)))
    meaning = read_update(text, before) or read_change(text, before)
    if not isinstance(meaning, tuple) or any(intent.tool == "delete_task" for intent in meaning):
        return False
    names = [str(intent.arguments["task"]) for intent in meaning if "task" in intent.arguments]
    return bool(names) and all(name == "it" or setting.knows(name) for name in names)


def _confirmed(setting: Setting) -> Understanding | None:
    """What the assistant asked about last and is no change that waits."""
    earlier = setting.earlier
    if earlier.said and (once := following.said_once(setting)):
        again = understand(earlier.said, setting.now, NOTHING_EARLIER, is_once=True, day_first=setting.day_first)
        intents = tuple(intent for intent in again.intents if intent.arguments.get("title") == once)
        return Understanding(intents) if intents else None
    if meant := following.meant(setting):
        return understand(meant, setting.now, NOTHING_EARLIER, knows=setting.knows, day_first=setting.day_first)
    return None


def _meanings(clauses: list[Clause], setting: Setting) -> Iterator[Meaning]:
    """Each with what the one before is about, so that its "it" is that."""
    for clause in clauses:
        meaning = _meaning_of(clause, setting)
        yield meaning
        if isinstance(meaning, tuple) and (told := tuple(_told(intent) for intent in meaning if intent.each is None)):
            setting = replace(setting, earlier=Earlier(calls=told, listed=setting.earlier.listed))


def _told(intent: Intent) -> Told:
    name = intent.arguments.get("title") or intent.arguments.get("task")
    return Told(intent.tool, intent.arguments, ((name, name),) if name else ())


def _listed(lines: str, heading: str, setting: Setting) -> Meaning:
    reason = why_nothing(heading, without_manners(heading))
    return reason or add_each([BULLET.sub("", line) for line in lines.split("\n")], setting)


def _meaning_of(clause: Clause, setting: Setting) -> Meaning:
    text = without_manners(clause.text)
    whole = clause.text.strip(" .,!\n")
    if HELP.fullmatch(whole) or HELP.fullmatch(text.strip(" ?!.")):
        return Guidance.HELP
    if talk := read_talk(whole) or read_talk(text):
        return talk
    if looked := _look(text, setting):
        return looked
    if said := read_not_needed(text, setting) or (
        DID.match(text) and not whole.endswith("?") and read_done(text, setting)
    ):
        return said
    if reason := why_nothing(clause.text.strip(), text):
        return (ASKING.match(text) and read_question(text, setting)) or reason
    return _command_of(clause, text, setting)


def _look(text: str, setting: Setting) -> Meaning | None:
    """What is a question or asks to see something, never adds."""
    asked = unwrapped(text)
    if listed := read_list(asked, setting):
        return listed
    if SEARCHING.search(asked) and (found := read_search(asked.rstrip(" ?"), setting)):
        return found
    return read_question(asked, setting) if ASKING.match(asked) else None


def _command_of(clause: Clause, text: str, setting: Setting) -> Meaning:
    is_question = clause.text.rstrip().endswith("?") and not ASKED.search(clause.text)
    if TO_US.fullmatch(text):
        return Guidance.NOT_OURS
    meaning = _read(_without_need(text), setting, is_question=is_question)
    if (meaning is Guidance.UNCLEAR or text.lower().startswith("ad ")) and (meant := _corrected(text)):
        return Question(following.ask_if_meant(meant))
    # "delete 2?" wonders.
    changes = isinstance(meaning, tuple) and any(intent.tool not in (*READING_TOOLS, "add_task") for intent in meaning)
    return Guidance.UNCLEAR if changes and is_question else meaning


def _corrected(text: str) -> str | None:
    """With the verb it begins with as it was meant; whether it was has to be asked."""
    word, _, rest = text.partition(" ")
    if not rest or is_verb(text) or word.lower() in VERBS:
        return None
    verb = "add" if word.lower() in ("ad", "addd", "dd") else closest(word.lower(), VERBS)
    return f"{verb} {rest}" if verb else None


def _without_need(text: str) -> str:
    """ "I need to delete 2" is a command, "I need to delete old photos" something to do."""
    need = NEED.match(text)
    command = BEGINNING.match(text, need.end()) if need else None
    return text[command.start() :] if command and command["changing"] and command["sure"] else text


def _read(text: str, setting: Setting, *, is_question: bool) -> Meaning:
    text = unfront(text, setting)
    bare = (
        None
        if NO_TITLE.match(text) and not find_rule(text)
        else read_bare_addition(text, setting, is_question=is_question)
    )
    if isinstance(bare, Question) and find_rule(text):
        return bare
    if bare and is_marked_task(bare) and not re.search(rf"\d|{QUOTED}|\btask\b", text[:12]):
        update = read_update(text, setting)
        return (None if isinstance(update, Question) else update) or read_addition(text, setting) or bare
    for read in READERS:
        if meaning := read(text, setting):
            return meaning
    return bare or Guidance.UNCLEAR
