"""Lists of new tasks in one sentence: "milk, eggs and bread", "packing the tent, checking the stove"."""

import re
from typing import Any, Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.understanding.commands.drafts import DESCRIPTION, Draft, read_draft
from assistant.understanding.commands.everyday import is_verb
from assistant.understanding.meanings import ASK_TITLE, Intent, Meaning, Question
from assistant.understanding.quotes import QUOTED, Setting

COUNTED: Final = re.compile(rf"{QUOTED}(?:(?:,? and|,) {QUOTED}){{1,40}}", re.IGNORECASE)
BETWEEN: Final = re.compile(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+", re.IGNORECASE)
SEMICOLONS: Final = re.compile(r"\s*;\s*(?:and\s+)?", re.IGNORECASE)
NUMBERED: Final = re.compile(r"(?:^|\s)\d{1,2}[.)] ")
VERB_AFTER: Final = re.compile(r"\s*,\s*(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?", re.IGNORECASE)
# Words that tie what follows to what is before: "lunch with Tom, Ann and Bob" is one.
TIES: Final = re.compile(
    r"\b(?:with|for|from|about|at|of|between|by|on|in|into|over|if|when|because|so|that|which|who)\b", re.IGNORECASE
)
MOST_WORDS: Final = 4
ASK_FEWER: Final = f"That is more than I can add at once. Please list at most {MAX_TOOL_CALLS} tasks in a message."


def add_each(parts: list[str], setting: Setting) -> Meaning:
    parts = [part for part in parts if re.search(rf"\w|{QUOTED}", part)]
    if len(parts) > MAX_TOOL_CALLS:
        return Question(ASK_FEWER)
    drafts = [draft for part in parts if (draft := read_draft(part, setting)).title]
    if doubtful := next((draft for draft in drafts if not isinstance(draft.meaning(setting), tuple)), None):
        return doubtful.meaning(setting)
    return tuple(Intent("add_task", draft.fields) for draft in _alike(drafts)) or Question(ASK_TITLE)


def _alike(drafts: list[Draft]) -> list[Draft]:
    """What only the last of several things is marked with holds for all: "milk, eggs and bread for tomorrow"."""
    last = drafts[-1].fields if drafts else {}
    shared: dict[str, Any] = {name: last[name] for name in ("due_at", "tags", "priority") if name in last}
    if shared and all(set(draft.fields) == {"title"} and not is_verb(draft.title) for draft in drafts[:-1]):
        return [Draft({**draft.fields, **shared}) for draft in drafts]
    return drafts


def split_tasks(text: str, setting: Setting, *, is_shopping: bool = False) -> list[str] | None:
    """The parts of a list; None of what is one task, whatever commas it holds."""
    if DESCRIPTION.search(text):
        return None
    if COUNTED.fullmatch(text):
        return re.findall(QUOTED, text)
    numbered = [part for part in NUMBERED.split(text) if part.strip()]
    if len(numbered) > 1 and NUMBERED.match(text):
        return [part.strip(" ,;") for part in numbered]
    if ";" in text:
        return SEMICOLONS.split(text)
    parts = [part for part in BETWEEN.split(text) if part.strip()]
    if len(parts) > MAX_TOOL_CALLS:
        return parts
    if len(parts) < 2 or not all(read_draft(part, setting).title for part in parts):
        return None
    if all(is_verb(part) for part in parts):
        return parts
    is_list = len(parts) > 2 or is_shopping or "," in text
    return parts if is_list and _are_things(parts) else None


def _are_things(parts: list[str]) -> bool:
    """Few words each, and nothing that ties them together."""
    return (
        not is_verb(parts[0])
        and all(len(part.split()) <= MOST_WORDS for part in parts)
        and not any(TIES.search(part) for part in parts[:-1])
    )
