"""Short answers to what the assistant asked: a title, or the number of the task that was meant."""

import re
from typing import Final

from assistant.understanding.commands.drafts import read_draft
from assistant.understanding.commands.references import read_reference
from assistant.understanding.manners import NEGATED, TAKEN_BACK, without_manners
from assistant.understanding.meanings import ASK_TITLE, TOOLS, Guidance, Intent, Meaning, Question
from assistant.understanding.quotes import Setting

# As a line of its own: a title, which is the person's and may say anything, never is one.
ASKED_WHICH: Final = re.compile(
    r"^(?:Which (?:task|one) should I|.{0,300}\. Which one should I) (?P<verb>complete|reopen"
    r"|delete)\?(?: Give me its number in the list, or its title in quotes\.)?$",
    re.MULTILINE,
)
CALLED: Final = re.compile(r"(?:call it|name it|it should be called|the title is|title:)\s+", re.IGNORECASE)
LONGEST: Final = 500


def read_answer(text: str, before: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    """``meaning`` is what the message says by itself, which goes first where that is a command."""
    said = without_manners(text)
    if (
        len(text) > LONGEST
        or text.endswith("?")
        or TAKEN_BACK.search(text)
        or NEGATED.match(said)
        or meaning in (Guidance.HELP, Guidance.THANKS)
    ):
        return None
    if before.rstrip().rpartition("\n")[2] == ASK_TITLE:
        return _title(text, setting, meaning)
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
    return (Intent("add_task", draft),) if "title" in draft else None


def _choice(text: str, tool: str, setting: Setting, meaning: Meaning) -> Meaning | None:
    if meaning != Guidance.UNCLEAR:
        return None
    reference = read_reference(text, setting)
    if reference.is_missing or reference.every is not None:
        return None
    # Plain words could be about anything; what is gone cannot be asked for again.
    if tool == "delete_task" and not reference.is_explicit:
        return None
    return tuple(Intent(tool, {"task": task}) for task in reference.tasks)
