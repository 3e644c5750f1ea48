"""Commands that complete, reopen or delete tasks."""

import re
from dataclasses import dataclass, replace
from typing import Final

from assistant.understanding.commands.references import AFTER, LONGEST, Reference, read_reference
from assistant.understanding.meanings import Intent, Meaning, Question, ask_which
from assistant.understanding.quotes import QUOTED, Setting

DONE: Final = r"(?:as |to |as being )?(?:all )?(?:done|complete|completed|finished)"
OPEN: Final = (
    r"(?:as |to |to be )?(?:not (?:done|complete|completed|finished)(?: yet)?|undone|incomplete|uncompleted"
    r"|unfinished|pending|open|active|to-?do"
    r"|not yet done)"
)
NOT_FINISHED: Final = r"(?! *(?:not|never|n['’]t))"


@dataclass(frozen=True, slots=True)
class Command:
    tool: str
    pattern: re.Pattern[str]
    # Whether plain words may be a title here: of "check the oven" nobody knows.
    takes_words: bool


def _command(tool: str, pattern: str, *, takes_words: bool = True) -> Command:
    return Command(tool, re.compile(pattern, re.IGNORECASE | re.DOTALL), takes_words)


# In this order; the first that fits a whole clause is it.
COMMANDS: Final = (
    _command("reopen_task", rf"(?:mark|set|put|make|turn|move|change) (?P<ref>.+?) (?:back )?{OPEN}(?: again)?"),
    _command("reopen_task", rf"(?:mark|set) {OPEN}:? (?P<ref>.+)"),
    _command(
        "reopen_task",
        r"(?:re-?open|un-?complete|un-?finish|un-?check|un-?tick|un-?mark"
        r"|re-?activate)(?: (?P<ref>.+?)(?: as (?:done|complete|completed))?)?",
    ),
    _command(
        "reopen_task",
        r"put (?P<ref>.+?) back (?:on|onto|in|into|to) (?:the|my) (?:[\w-]+ ){0,2}(?:list"
        r"|to-?dos)",
        takes_words=False,
    ),
    _command(
        "reopen_task",
        r"(?P<ref>.+?) (?:is|was|are|were)(?: ?n['’]?t| not)\b.{0,30}?(?:yet|after all"
        r"|really)?[,.;]? (?:so )?(?:please )?(?:reopen|untick"
        r"|uncheck|undo)(?: (?:it|that|this))?",
        takes_words=False,
    ),
    _command(
        "reopen_task",
        r"(?:undo|revert) (?:completing|finishing|ticking off|checking off"
        r"|the completion of) (?P<ref>.+)",
    ),
    _command(
        "reopen_task", r"(?:undo|restore|bring back)(?: (?:the )?completion of)?(?: (?P<ref>.+))?", takes_words=False
    ),
    _command(
        "complete_task",
        rf"(?:mark|set|put|flag|move|change|tick|check|make|update|edit"
        rf"|turn) (?P<ref>.+?) {DONE}",
    ),
    _command("complete_task", rf"(?:mark|set|flag) {DONE}:? (?P<ref>.+)"),
    _command(
        "complete_task",
        r"(?:mark|check|tick|cross|strike) (?:off|out) (?P<ref>.+)|(?:mark|check|tick|cross"
        r"|strike) (?P<ref_2>.+?) (?:off|out)(?: (?:of |from )?(?:my|the) list)?",
    ),
    _command("complete_task", r"complete(?: (?P<ref>.+))?"),
    _command("complete_task", r"(?:finish)(?: up)?(?: (?P<ref>.+))?"),
    _command("complete_task", r"(?:check|tick|close|resolve|mark|finish off|wrap up) (?P<ref>.+)", takes_words=False),
    _command(
        "complete_task",
        rf"(?:i|we)(?:['’]ve| have)?(?: just| already| finally| now| also)* (?:finished|completed|done|did"
        rf"|ticked off|checked off|took care of"
        rf"|taken care of)(?: with)?{NOT_FINISHED}(?: (?P<ref>.+?))?(?: just now)?",
    ),
    _command(
        "complete_task",
        r"(?:(?:i['’]?m|i am|we['’]?re|we are)(?: now| finally| already| all)? )?(?:all )?(?:done"
        r"|finished|through) with (?P<ref>.+)",
    ),
    _command("complete_task", r"(?:finished|completed|done)(?: with)?:? (?P<ref>.+)"),
    _command(
        "complete_task",
        r"(?P<ref>(?!(?:delete|remove|erase|clear|get rid|throw|bin|what|which|who|how)\b).+?)(?: is| are|['’]s| was"
        r"| were| has been| have been)(?: now| all| already| finally"
        r"| also)* (?:done|finished|complete|completed|ticked off|taken care of)(?: now)?",
    ),
    _command(
        "complete_task",
        rf"(?P<ref>(?:(?:the|my|tasks?|number|#?\d+|{QUOTED})\b ?|{QUOTED}).*?):? (?:is )?(?:done|finished|completed?)",
        takes_words=False,
    ),
    _command("delete_task", r"(?:delete|erase)(?: (?P<ref>.+))?"),
    _command("delete_task", r"remove(?: (?P<ref>.+))?"),
    _command(
        "delete_task",
        r"(?:get rid of|throw (?:away|out)|drop|cancel|trash|bin|scrap|discard|clear(?: out| away)?|wipe|kill"
        r"|dump|ditch|strike|take|lose|remove) (?:out |off )?(?P<ref>.+?)(?: (?:off|from|out of) (?:the|my"
        r"|our) (?:[\w-]+ ){0,2}list)?",
        takes_words=False,
    ),
    _command("delete_task", r"throw (?P<ref>.+?) (?:away|out)", takes_words=False),
)
# They are not tasks, though a title may hold the word.
NOT_TASKS: Final = re.compile(
    r"\b(?:account|profile|conversations?|chats?|history|messages?|passwords?|user|everyone|database|files?"
    r"|photos?|pictures?|data|yourself|myself|my)\b",
    re.IGNORECASE,
)
WIPE: Final = re.compile(
    r"(?:empty|wipe|clear|reset|purge|flush|nuke|delete|erase)(?: out| away| off)? (?:(?:my|the|whole|entire|this|all"
    r"|of) )*(?:to[- ]?do |task )?"
    r"(?:list|to-?dos|tasks list)(?: completely| entirely)?",
    re.IGNORECASE,
)
OFF_LIST: Final = re.compile(r" (?:off|from|out of) (?:the|my|our) (?:[\w-]+ ){0,2}list$", re.IGNORECASE)
ARTICLE: Final = re.compile(r"^(?:out |off )?(?:(?:the|my|a|an) )+|^(?:out|off) ", re.IGNORECASE)
NOT_ON_LIST: Final = "I found no task “{task}” on your list, so I have changed nothing."
ASK_DELETION: Final = "Which task should I delete? Give me its number in the list, or its title in quotes."
WITHOUT_TASK: Final = (
    ("complete_task", re.compile(r"(?:(?:i['’]?m|i am) )?(?:all )?(?:done|finished)", re.IGNORECASE)),
    ("reopen_task", re.compile(r"undo(?: (?:it|that|this|the last one))?", re.IGNORECASE)),
)
ANYTHING_LEFT: Final = {"complete_task": "pending", "reopen_task": "completed"}


def read_change(text: str, setting: Setting) -> Meaning | None:
    if WIPE.fullmatch(text):
        return (Intent("delete_task", {}, each={}),)
    for tool, pattern in WITHOUT_TASK:
        if pattern.fullmatch(text):
            return Question(ask_which(tool))
    for command in COMMANDS:
        match = command.pattern.fullmatch(text)
        if match and (meaning := _meant(command, match, text, setting)):
            return meaning
    return None


def _meant(command: Command, match: re.Match[str], text: str, setting: Setting) -> Meaning | None:
    words = next((word for word in match.groupdict().values() if word), "")
    reference = read_reference(words, setting)
    if command.takes_words or reference.is_explicit or reference.every is not None:
        return _intents(command.tool, reference, words)
    if reference.tasks and setting.knows(words):
        # Its verb may mean something else, so what would be gone is told first.
        return _intents(command.tool, replace(reference, is_pointed=True, is_explicit=True), words)
    if command.tool != "delete_task":
        return None
    if OFF_LIST.search(text):
        return Question(NOT_ON_LIST.format(task=setting.words(ARTICLE.sub("", words))))
    is_meant = re.match(r"(?:get rid|throw|trash|discard|cancel)", text, re.IGNORECASE)
    return Question(ASK_DELETION) if is_meant else None


def _intents(tool: str, reference: Reference, words: str) -> Meaning:
    if tool == "delete_task" and not reference.is_explicit and NOT_TASKS.search(AFTER.sub("", words[:LONGEST])):
        return Question(ASK_DELETION)
    if reference.is_missing:
        return Question(ask_which(tool))
    if reference.every is None:
        return tuple(Intent(tool, {"task": task}, is_pointed=reference.is_pointed) for task in reference.tasks)
    left = ANYTHING_LEFT.get(tool)
    return (Intent(tool, {}, each=({"status": left} if left else {}) | reference.every),)
