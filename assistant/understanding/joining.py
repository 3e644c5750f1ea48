"""What the clauses of a message mean together; deletions are only taken from what is understood as a whole."""

import re
from dataclasses import replace
from typing import Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.understanding.clauses import Before, Clause
from assistant.understanding.commands.changes import ASK_DELETION
from assistant.understanding.meanings import Guidance, Intent, Meaning, Question, Understanding
from assistant.understanding.quotes import QUOTED

ASK_LESS: Final = f"That is more than I can do at once. Please ask for at most {MAX_TOOL_CALLS} things in a message."


def checked(clauses: list[Clause], meanings: list[Meaning]) -> Understanding:
    """A deletion is only taken from a message that is understood as a whole."""
    deletes = [isinstance(meaning, tuple) and any(i.tool == "delete_task" for i in meaning) for meaning in meanings]
    is_doubtful = any(meaning in (Guidance.UNCLEAR, Guidance.NOTHING) for meaning in meanings)
    for index, clause in enumerate(clauses):
        if deletes[index] and (is_doubtful or not _is_beyond_doubt(clause, meanings[index])):
            meanings[index] = Question(ASK_DELETION)
    return together(meanings)


def _is_beyond_doubt(clause: Clause, meaning: Meaning) -> bool:
    """It cannot be words of a title, a note or a pasted text that began before."""
    if clause.before is Before.NOTHING_FREE:
        return True
    if clause.before is Before.TEXT and not clause.is_next:
        return False
    is_each = isinstance(meaning, tuple) and any(intent.each is not None for intent in meaning)
    return not is_each and bool(re.search(rf"\d|{QUOTED}|\btask\b", clause.text))


def together(meanings: list[Meaning]) -> Understanding:
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
