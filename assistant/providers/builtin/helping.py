"""What to say to who wants to know how, or was not understood: examples of what they tried, not of everything."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from assistant.understanding import Guidance

GREETING: Final = (
    "Hello! I look after your tasks: tell me what to add, or say \u201cshow my tasks\u201d. \u201chelp\u201d shows what"
    " else I can do."
)
NOT_UNDERSTOOD: Final = "I did not understand that, so I have changed nothing."
BRIEF: Final = "You could say \u201cadd buy milk tomorrow at 9\u201d, \u201cshow my tasks\u201d or \u201chelp\u201d."
UNDO: Final = "undo (what the last turn changed, within 15 minutes)"
OVERVIEW: Final = (
    "add buy milk tomorrow at 9 #home !high",
    "show my pending tasks, or: what's due this week?",
    "complete 2, reopen 2 or delete 2 (its number in the last list, or its title)",
    "rename 2 to Buy bread, move 2 to friday, make 2 high priority",
    "find plumber",
    UNDO,
)
GUIDANCE: Final[Mapping[Guidance, str]] = {
    Guidance.GREETING: GREETING,
    Guidance.THANKS: "You're welcome.",
    Guidance.NOT_OURS: "I can only look after your tasks, so I have changed nothing.",
    Guidance.NOTHING: "All right, I have changed nothing.",
}
MOST_TOPICS: Final = 3
# In the order in which they are shown; the first words of what may be tried come first.
TOPICS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(rf"\b(?:{words})\b|{marks}" if marks else rf"\b(?:{words})\b", re.IGNORECASE), example)
    for words, marks, example in (
        ("undo\\w*|revert\\w*|take back|restore\\w*|oops|mistake", "", UNDO),
        (
            "delet\\w*|remov\\w*|erase\\w*|get rid|throw|trash|bin", "",
            "delete 2 (its number in the last list), or: delete buy milk",
        ),
        (
            "complet\\w*|finish\\w*|done|tick\\w*|check\\w*|mark\\w*|accomplish\\w*", "",
            "complete 2, or: I finished the report; reopen 2 takes that back",
        ),
        ("renam\\w*|reword\\w*|retitle\\w*|title\\w*|call(?:ed)?", "", "rename 2 to Buy bread"),
        ("priorit\\w*|important|urgent\\w*|high|low", "!", "make 2 high priority, or: show high priority tasks"),
        ("tag\\w*|label\\w*|categor\\w*", "#\\w", "tag 2 with home, or: show #home"),
        ("note\\w*|description\\w*|comment\\w*|details?", "", "add a note to 2: ask for the receipt"),
        (
            "repeat\\w*|recurr\\w*|every|daily|weekly|monthly", "",
            "add water the plants on monday (tasks cannot repeat yet)",
        ),
        (
            "due|date[ds]?|deadline\\w*|remind\\w*|schedul\\w*|resched\\w*|postpone\\w*|delay\\w*|mov\\w*|today|tonight"
            "|tomorrow|week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day|[ap]m|o.?clock|time",
            "\\d:\\d\\d",
            "move 2 to friday at 9, or: the dentist is due tomorrow",
        ),
        ("find\\w*|search\\w*|look\\w*|where|about|contain\\w*", "", "find plumber"),
        (
            "show\\w*|list\\w*|see|view\\w*|display\\w*|what|which|how many|count\\w*|overview", "",
            "show my pending tasks, or: what's due this week?",
        ),
        ("add\\w*|creat\\w*|new|make|put|task\\w*|to-?dos?", "", "add buy milk tomorrow at 9 #home !high"),
    )
)  # fmt: skip
HOW: Final = re.compile(r"(?:and |so |please |but )*(?:how|explain|teach me|tell me how|show me how)\b", re.IGNORECASE)
# What asks for help in general names nothing of it.
GENERAL: Final = re.compile(
    r"(?:what (?:can|could|do|are|is)|who|how (?:do(?:es)?|can) (?:this|that|it|you|i (?:use|work|talk))|help)\b"
    r"(?!.*\b(?:with|about|on|using) \w).*",
    re.IGNORECASE,
)


def guide(guidance: Guidance, said: str, before: str) -> str:
    """``before`` is what was answered last: nobody is told the same twice."""
    if guidance is Guidance.UNCLEAR:
        return f"{NOT_UNDERSTOOD} {_examples(said) or _next(before)}"
    if guidance is Guidance.HELP or (guidance is Guidance.NOTHING and HOW.match(said.strip())):
        specific = "" if GENERAL.fullmatch(said.strip()) else _examples(said)
        return specific or f"I look after your tasks. {_show(OVERVIEW)}"
    return GUIDANCE[guidance]


def _examples(said: str) -> str:
    found = [example for words, example in TOPICS if words.search(said)]
    return _show(found[:MOST_TOPICS]) if found else ""


def _next(before: str) -> str:
    return _show(OVERVIEW) if before.startswith(NOT_UNDERSTOOD) else BRIEF


def _show(examples: Sequence[str]) -> str:
    return "\n".join(["You can say:", *(f"\u2022 {example}" for example in examples)])
