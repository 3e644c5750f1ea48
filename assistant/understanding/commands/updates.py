"""Commands that change a task's title, description, priority, due time or tags."""

import re
from typing import Final

from assistant.understanding.commands.fields import UPDATES
from assistant.understanding.commands.references import read_reference
from assistant.understanding.meanings import Intent, Meaning, Question
from assistant.understanding.quotes import Setting

ASK_CHANGE: Final = (
    "What should I change? For example: “rename 2 to Buy bread”, “move 2 to friday” or “make 2 high priority”."
)
ASK_WHEN: Final = "Until when? For example: “{verb} {task} to friday” or “{verb} {task} to 3 May at 9:00”."
UNFINISHED: Final = re.compile(
    r"(?P<verb>rename|retitle|postpone|reschedule|update|edit|modify|snooze|change|make|set|tag|label|move)"
    r"(?: (?P<ref>.+?))?(?: to)?(?: by .+)?",
    re.IGNORECASE | re.DOTALL,
)
WITHOUT_VALUE: Final = re.compile(
    r"(?:add|set|change) (?:an? |the )?(?:due date|deadline|priority|tags?|note|description|title) (?:to|for|of"
    r"|on) (?P<ref>.+)",
    re.IGNORECASE | re.DOTALL,
)
PRONOUN: Final = re.compile(r"(?:it|this|that|them)\b", re.IGNORECASE)


def read_update(text: str, setting: Setting) -> Meaning | None:
    for pattern, read in UPDATES:
        match = pattern.fullmatch(text)
        if not match:
            continue
        found = {name: words for name, words in match.groupdict().items() if words}
        reference = read_reference(found.get("ref") or found.get("ref_2", ""), setting)
        changes = read(found, setting)
        if changes is None or reference.is_missing or (reference.every is not None and "title" in changes):
            continue
        if reference.every is not None:
            return (Intent("update_task", changes, each=reference.every),)
        return tuple(Intent("update_task", {"task": task, **changes}) for task in reference.tasks)
    if without := WITHOUT_VALUE.fullmatch(text):
        return Question(ASK_CHANGE) if read_reference(without["ref"], setting).is_explicit else None
    return None


def read_unfinished_update(text: str, setting: Setting) -> Question | None:
    """Of a change that lacks what it should become, or of what; "change the oil" is none."""
    match = UNFINISHED.fullmatch(text)
    if not match:
        return None
    words, verb = match["ref"] or "", match["verb"].lower()
    reference = read_reference(words, setting)
    if verb in ("postpone", "reschedule", "snooze") and reference.tasks:
        return Question(ASK_WHEN.format(verb=verb, task=reference.tasks[0]))
    return Question(ASK_CHANGE) if reference.is_explicit or not words or PRONOUN.match(words) else None
