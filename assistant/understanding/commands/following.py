"""Messages that lean on what was said before: answers, corrections, and what is asked for once more."""

import re
from typing import Final

from assistant.understanding.commands.attributes import Changes, read_attributes
from assistant.understanding.commands.drafts import read_draft
from assistant.understanding.commands.references import read_reference
from assistant.understanding.commands.shifts import read_bare_shift
from assistant.understanding.consent import is_yes
from assistant.understanding.earlier import Told
from assistant.understanding.manners import NEGATED, TAKEN_BACK, without_manners
from assistant.understanding.meanings import ASK_TITLE, TOOLS, Guidance, Intent, Meaning, Question
from assistant.understanding.quotes import Setting

# As a line of its own: a title, which is the person's and may say anything, never is one.
ASKED_WHICH: Final = re.compile(
    r"^(?:Which (?:task|one) should I|.{0,300}\. Which one should I) (?P<verb>complete|reopen"
    r"|delete)\?(?: Give me its number in the list, or its title in quotes\.)?$",
    re.MULTILINE,
)
ASKED_WHEN: Final = re.compile(
    r"^Until when\? For example: “(?P<verb>\w+) (?P<task>.{1,200}?) to friday”", re.MULTILINE
)
ONCE: Final = re.compile(r"^I cannot repeat a task yet .*? Shall I add “(?P<title>[^”]*)” just once", re.MULTILINE)
DID_YOU_MEAN: Final = re.compile(r"^Did you mean “(?P<text>[^”]{1,300})”\?$")
CALLED: Final = re.compile(r"(?:call it|name it|it should be called|the title is|title:)\s+", re.IGNORECASE)
# What a correction and an afterthought begin with.
RATHER: Final = re.compile(
    r"(?:(?:sorry|no+|nope|oops|wait|actually|well|hm+|oh|i mean[t]?|rather|correction|i said|let['’]?s (?:say"
    r"|make (?:it|that))"
    r"|(?:make|set|put|move|change|mark|do|give|have) (?:it|that|this|them|those|these|both)(?: to| for| on| at| as"
    r"| be)?(?: an?)?|it should be|should be"
    r"|(?:it|that|this|they)(?:['’]?s| is| are)(?: an?)?(?: due)?|that one is|and|also|but|with|as|please|better"
    r"|remind me(?: about (?:it|that))?)\b[\s,.!:]*)+",
    re.IGNORECASE,
)
MEANT: Final = re.compile(r"[\s,]*\b(?:i mean[t]?|instead|rather|please|actually|sorry|i said)[\s.!]*$", re.IGNORECASE)
TOO: Final = re.compile(r"[\s,]+(?:too|as well|also|aswell|likewise)[\s.!]*$", re.IGNORECASE)
ALSO: Final = re.compile(r"(?:and(?: also)?|also|plus|and then|oh and|same for|and for|same with)\s+", re.IGNORECASE)
MORE: Final = re.compile(
    r"(?:show |see |list |give me |load |display )?(?:me )?(?:the )?(?:more|next page|next|rest|the rest|others"
    r"|next ones|remaining ones"
    r"|more tasks|next \d+|next tasks)(?: of (?:them|the list|it))?(?: please)?",
    re.IGNORECASE,
)
ANY_OF_THEM: Final = re.compile(
    r"(?:both|all|all of them|both of them|each|every one|everything|the two|all \w+)(?: please)?", re.IGNORECASE
)
ABOUT_THEM: Final = re.compile(
    r"(?:are|is|were|was|do|does|did|when|what|which)\b.{0,30}?\b(?:they|those|these|them|it|that|this"
    r"|both)\b.{0,60}\?",
    re.IGNORECASE,
)
THAT_WAS_ALL: Final = "That was all of them."
LONGEST: Final = 500


def read_following(text: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    """``meaning`` is what the message says by itself, which goes first where that is a command."""
    said = without_manners(text)
    if len(text) > LONGEST or (text.endswith("?") and not ALSO.match(text)):
        return _same_list(setting) if ABOUT_THEM.fullmatch(text) else None
    if MORE.fullmatch(said.strip(" .!")) and setting.earlier.calls:
        return _next_page(setting.earlier.page) if setting.earlier.page else Question(THAT_WAS_ALL)
    if TAKEN_BACK.search(text) or meaning in (Guidance.HELP, Guidance.THANKS):
        return None
    if not NEGATED.match(said) and (answer := _answer(text, said, setting, meaning)):
        return answer
    return _afterthought(text, setting, meaning)


def _same_list(setting: Setting) -> Meaning | None:
    """A question about what was shown is answered by showing it again."""
    lists = [call for call in setting.earlier.calls if call.tool in ("list_tasks", "search_tasks")]
    return (Intent(lists[-1].tool, lists[-1].arguments),) if lists and setting.earlier.is_recent else None


def _next_page(page: Told) -> Meaning:
    return (Intent(page.tool, {**page.arguments, "offset": page.shown}),)


def _answer(text: str, said: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    before = setting.earlier.answer
    last = before.rstrip().rpartition("\n")[2]
    if last == ASK_TITLE:
        return _title(text, setting, meaning)
    if unsure := setting.earlier.unsure:
        return _choice_of(said, unsure, setting, meaning)
    if (when := ASKED_WHEN.search(last)) and (changes := read_attributes(said, setting)):
        return tuple(
            Intent("update_task", {"task": task, **changes}) for task in read_reference(when["task"], setting).tasks
        )
    asked = ASKED_WHICH.search(before)
    return _choice(said, TOOLS[asked["verb"]], setting, meaning) if asked else None


def _title(text: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    if called := CALLED.match(text):
        text = text[called.end() :]
    is_command = isinstance(meaning, Question) or (isinstance(meaning, tuple) and meaning[0].tool != "add_task")
    if is_command or meaning in (Guidance.GREETING, Guidance.NOTHING):
        return None
    if isinstance(meaning, tuple) and not called:
        return meaning
    draft = read_draft(text, setting)
    return draft.meaning(setting) if draft.title else None


def _choice(text: str, tool: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    if not (meaning == Guidance.UNCLEAR or isinstance(meaning, Question)):
        return None
    reference = read_reference(text, setting)
    if reference.is_missing or reference.every is not None:
        return None
    # Plain words could be about anything; what is gone cannot be asked for again.
    if tool == "delete_task" and not reference.is_explicit and not setting.knows(text):
        return None
    is_pointed = reference.is_pointed or not reference.is_explicit
    return tuple(Intent(tool, {"task": task}, is_pointed=is_pointed) for task in reference.tasks)


def _choice_of(text: str, unsure: Told, setting: Setting, meaning: Meaning) -> Meaning | None:
    """Of the tasks that were offered: by number, by a word of its title, or yes to the only one."""
    if isinstance(meaning, tuple) and not all(intent.tool == unsure.tool for intent in meaning):
        return None
    rest = {name: value for name, value in unsure.arguments.items() if name != "task"}
    chosen = _chosen(text, unsure, setting)
    if not chosen:
        return None
    return tuple(Intent(unsure.tool, {"task": task, **rest}, is_pointed=True) for task in chosen)


def _chosen(text: str, unsure: Told, setting: Setting) -> list[str]:
    ids = [task for task, _ in unsure.matches]
    if (len(ids) == 1 and is_yes(text)) or ANY_OF_THEM.fullmatch(text.strip(" .!")):
        return ids
    if len(ids) == 1 and re.fullmatch(r"(?:that|this)(?: one)?", text, re.IGNORECASE):
        return ids
    reference = read_reference(text, setting)
    chosen = []
    for name in reference.tasks:
        if name.isdecimal() and 1 <= int(name) <= len(ids):
            chosen.append(ids[int(name) - 1])
        else:
            words = [word for word in name.lower().split() if word not in ("the", "one", "my")]
            near = [task for task, title in unsure.matches if words and all(word in title.lower() for word in words)]
            chosen += near if len(near) == 1 else []
    return chosen if len(chosen) == len(reference.tasks) else []


def _afterthought(text: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    changed = setting.earlier.changed
    if changed is None:
        return None
    if changes := _corrected(text, setting, meaning):
        tasks = tuple(task for task, _ in changed.tasks)
        return tuple(Intent("update_task", {"task": task, **changes}) for task in tasks)
    return _once_more(text, changed, setting, meaning)


def _corrected(text: str, setting: Setting, meaning: Meaning) -> Changes | None:
    """ "no, I meant monday", "that's a low priority one", "due tomorrow": of what was changed last."""
    begun = RATHER.match(text)
    said = MEANT.sub("", text[begun.end() :] if begun else text).strip(" ,.!")
    # "tomorrow" alone asks for a list.
    if (
        not begun
        and not MEANT.search(text)
        and not re.match(r"(?:due|for|by|high|low|urgent|#)\b", text, re.IGNORECASE)
    ):
        return None
    if isinstance(meaning, tuple) and any(intent.tool not in ("list_tasks", "add_task") for intent in meaning):
        return None
    if any(call.tool in ("list_tasks", "search_tasks") for call in setting.earlier.calls):
        return None
    return read_attributes(said, setting) or read_bare_shift(said)


def _once_more(text: str, changed: Told, setting: Setting, meaning: Meaning) -> Meaning | None:
    """ "and the laundry too": the same once more."""
    begun, ended = ALSO.match(text), TOO.search(text)
    if not (begun or ended) or is_command(meaning, changed.tool):
        return None
    said = text[begun.end() if begun else 0 : ended.start() if ended else len(text)].strip()
    if changed.tool == "add_task":
        draft = read_draft(without_manners(said), setting)
        return draft.meaning(setting) if draft.title else None
    reference = read_reference(said, setting)
    rest = {name: value for name, value in changed.arguments.items() if name != "task"}
    if reference.is_missing or reference.every is not None or "title" in rest:
        return None
    return tuple(Intent(changed.tool, {"task": task, **rest}, is_pointed=True) for task in reference.tasks)


def is_command(meaning: Meaning, tool: str) -> bool:
    """By itself, and not only by being something to add."""
    return isinstance(meaning, tuple) and any(intent.tool not in ("add_task", tool) for intent in meaning)


def said_once(setting: Setting) -> str | None:
    """The title of what was to be repeated, and may be added once."""
    asked = ONCE.search(setting.earlier.answer)
    return asked["title"] if asked else None


def ask_if_meant(text: str) -> str:
    return f"Did you mean “{text}”?"


def meant(setting: Setting) -> str | None:
    """What the assistant asked whether it was meant."""
    asked = DID_YOU_MEAN.search(setting.earlier.answer.rstrip().rpartition("\n")[2])
    return asked["text"] if asked else None
