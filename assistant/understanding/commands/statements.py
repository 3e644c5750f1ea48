"""What people say when something is done, or no more needed: "the patio is swept", "bought the ink".

Only of a task that is there; of anything else it is talk.
"""

import re
from typing import Final

from assistant.understanding.commands.references import read_reference
from assistant.understanding.forms import IRREGULAR
from assistant.understanding.meanings import Intent, Meaning
from assistant.understanding.quotes import Setting

# What became of a task without its being done.
NOT_DONE: Final = (
    r"(?!(?:cancel+ed|postponed|moved|changed|delayed|rescheduled|needed|skipped|missed|failed|forgot|renamed|deleted"
    r"|removed|stopped|started|planned|called off|was|were|been|had)\b)"
)
PAST: Final = rf"{NOT_DONE}(?P<verb>\w{{2,20}}ed|{'|'.join(sorted(IRREGULAR, key=len, reverse=True))})"
ADVERBS: Final = r"(?: (?:just|already|finally|now|also|all|actually|completely|both))*"
END: Final = r"(?: (?:now|today|already|just now|yesterday|this morning|at last))?"
DONE: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:(?:i|we)(?:['’]ve| have)?{ADVERBS} )?{PAST}(?: (?:off|up|out))? (?P<ref>.{{2,200}}?){END}",
        rf"(?P<ref>.{{2,200}}?) (?:is|are|was|were|got|has been|have been|['’]s){ADVERBS} {PAST}{END}",
        rf"(?P<ref>.{{2,200}}?)(?: all| finally| now)? {PAST}{END}",
        r"(?P<ref>.{2,200}?)(?: is| are| was|:| -|,)?(?: all| now)? (?:done|finished|completed?|sorted|✅|✔️?|☑️?"
        r"|check)",
        r"(?:✅|✔️?|☑️?) ?(?P<ref>.{2,200})",
    )
)
NOT_NEEDED: Final = re.compile(
    r"(?:(?:i|we) )?(?:do not|don['’]?t|no longer) (?:need|want|have)(?: to)? (?P<ref>.{2,200}?)(?: (?:any ?more"
    r"|any longer"
    r"|now|after all))?"
    r"|(?P<ref_2>.{2,200}?) (?:is|are)(?: ?n['’]?t| not| no longer) (?:needed|necessary|relevant"
    r"|required)(?: any ?more)?"
    r"|(?:forget|never mind)(?: about)? (?P<ref_3>(?:the|my) .{2,200}?)",
    re.IGNORECASE,
)
PRONOUNS: Final = re.compile(
    r"(?:i|you|he|she|it|we|they|this|that|what|who|there|nothing|everything|not|never|no)\b", re.IGNORECASE
)
COMMAND: Final = re.compile(
    r"(?:add|create|delete|remove|erase|clear|throw|show|list|find|move|rename|remind|put|make|set|mark|get rid)\b",
    re.IGNORECASE,
)
NEGATION: Final = re.compile(
    r"\b(?:not|never|n['’]t|isn['’]?t|wasn['’]?t|aren['’]?t|almost|nearly|half)\b", re.IGNORECASE
)


def read_done(text: str, setting: Setting) -> Meaning | None:
    if NEGATION.search(text) or COMMAND.match(text):
        return None
    for pattern in DONE:
        match = pattern.fullmatch(text)
        if not match or PRONOUNS.match(match["ref"]):
            continue
        verb = match.groupdict().get("verb")
        # With its verb first: of "paid the bill" and "call the bank about the bill" the first is meant.
        for words in (
            (f"{verb} {match['ref']}", match["ref"])
            if verb and verb.lower() not in ("did", "done")
            else (match["ref"],)
        ):
            reference = read_reference(match["ref"], setting)
            if reference.tasks and not reference.is_explicit and setting.knows(words):
                return (Intent("complete_task", {"task": words}),)
    return None


def read_not_needed(text: str, setting: Setting) -> Meaning | None:
    match = NOT_NEEDED.fullmatch(text)
    if not match:
        return None
    words = match["ref"] or match["ref_2"] or match["ref_3"]
    if PRONOUNS.match(words) or not setting.knows(words):
        return None
    return tuple(
        Intent("delete_task", {"task": task}, is_pointed=True) for task in read_reference(words, setting).tasks
    )
