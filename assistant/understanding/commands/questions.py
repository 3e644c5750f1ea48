"""Questions about one task or a few: "when is the dentist?", "did I pay the bill?", "is there anything about"
" paint?"."""

import re
from typing import Final

from assistant.understanding.commands.filters import Filters, read_filters
from assistant.understanding.meanings import Intent, Meaning
from assistant.understanding.quotes import QUOTED, Setting

KNOW: Final = re.compile(
    r"(?:(?:i|we) (?:need|want|would like|['’]d like)(?: to)? (?:know|see|check|find out)|i(?:['’]d"
    r"| would) like to know|i['’]?m wondering|i wonder"
    r"|tell me|let me know|check|see|find out|remind me|do you know|any idea|look(?: up)?|verify|confirm|have a look"
    r"|double[- ]check)(?:"
    r"(?: (?:if|whether|about|that))?[,:]? "
    r"(?=(?:if|whether|what|when|which|who|how|do|did|have|has|is|are|was|am|i|there|my|the|at|about)\b)"
    r"|(?: for me)?,? (?:if|whether) (?=\S)|,? that (?=\S.* (?:on|in) (?:my|the|our) (?:list|to-?dos?)))",
    re.IGNORECASE,
)
# What somebody wants to know whether it is so.
SAID: Final = re.compile(r"(?P<what>[^,;:]{1,100}?) (?P<verb>is|are|was|were) (?P<rest>.+)", re.IGNORECASE)
LIST: Final = (
    r"(?: (?:on|in|to|from) (?:(?:my|the|this|that|our) )?(?:[\w-]+ ){0,2}(?:lists?|to-?dos|tasks|agenda|plate)"
    r"| on here| in here| here| down)"
)
# Surely about tasks, whether there is such a one or not.
OURS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:do|did|will) (?:i|we) (?:still |already )?(?:have|need|got)(?: to)? (?P<about>.+?){LIST}?",
        rf"(?:have|had) (?:i|we) (?:already )?(?:got )?(?P<about>(?:an?|any|the|to) .+?){LIST}?(?: planned"
        rf"| scheduled)?",
        rf"(?:did|have|had) (?:i|we) (?:already |ever )?(?:put|add(?:ed)?|write|written|note[d]?|save[d]?|enter(?:ed)?"
        rf"|include[d]?|got|list(?:ed)?)"
        rf" (?P<about>.+?){LIST}?",
        rf"(?:is|are) (?:there )?(?P<about>.+?){LIST}",
        r"(?:is there|are there|is anything|anything|got anything) (?:(?:a|any|some|an) )?(?:tasks? "
        r"|things? )?(?:about|with|for|on|called|like) (?P<about>.+)",
        r"where(?:['’]s| is| are) (?P<about>.+?)",
    )
)
# About a task only where there is such a one.
PERHAPS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:is|are|was|were) (?P<about>.+?)(?: (?:already|still|now|all))? (?P<verb>\w+ed|done|finished|complete|open"
        r"|pending|overdue|late|due"
        r"|[a-z]{3,8}(?<!ing))(?: (?:yet|already|now|today|tomorrow|this week))?",
        r"(?:did|have|has) (?:i|we) (?:already |just )?(?P<about>\w+ .+?)(?: (?:yet|already|today|yesterday))?",
        r"(?:when|at what time|what time|what day|which day|on what day|for when|by when|until when)(?:['’]?s| is| are"
        r"| was| do i have| do i need to| do i|"
        r" does| have i| did i)(?: (?:my|the))? (?P<about>.+?)(?: (?:due|happening|planned|scheduled|start|starts|on"
        r"|at|again|supposed to be|take place))*",
        r"(?:what(?:['’]?s| is| are| was) (?:the|my) |the )?(?:due ?date|deadline|time|date|priority|status|state"
        r"|description|details?|notes?|tags?|info)"
        r" (?:of|for|about|on) (?:the |my )?(?P<about>.+)",
        r"(?:how|what) (?:about|is it with|['’]s with|is going on with|['’]s the story with|do i need to do (?:for"
        r"|about)|do i have to do (?:for|about)"
        r"|should i do about) (?:the |my )?(?P<about>.+)",
        r"(?:do|does|should|must|can|will|would) (?:i|we|the|my|that|this|it) ?(?:still )?(?:need to "
        r"|have to )?(?P<about>.+?)(?: have (?:a|any) (?:due date|deadline|date))?",
    )
)
EMPTY: Final = re.compile(
    r"(?:anything|something|any|tasks?|it|that|this|them|things?|some|more|one|nothing|to do)\b.*", re.IGNORECASE
)
FILLER: Final = re.compile(r"^(?:to|the|my|a|an|any|some|about|for|all|of|our)\s+", re.IGNORECASE)
ASKS: Final = re.compile(r"(?:what|when|which|who|how|where|do|did|have|has|is|are|was|were|am)\b", re.IGNORECASE)
HAVE: Final = re.compile(r"^(?:i|we) (?:have|['’]ve got|got)\b", re.IGNORECASE)
LONGEST: Final = 200


def unwrapped(text: str) -> str:
    """ "I need to know what is due" asks what is due."""
    match = KNOW.match(text)
    if not match:
        return text
    asked = HAVE.sub("do i have", text[match.end() :].removeprefix("if ").removeprefix("whether "))
    is_said = re.search(r"\b(?:if|whether|that)\b", match.group() + text[match.end() :][:8], re.IGNORECASE)
    said = SAID.fullmatch(asked) if is_said and not ASKS.match(asked) else None
    return f"{said['verb']} {said['what']} {said['rest']}" if said else asked


def read_question(text: str, setting: Setting) -> Meaning | None:
    text = text.strip(" ?.!")
    if len(text) > LONGEST:
        return None
    for patterns, is_ours in ((OURS, True), (PERHAPS, False)):
        for pattern in patterns:
            match = pattern.fullmatch(text)
            if match and (filters := _about(match["about"], setting, is_ours=is_ours)) is not None:
                return (Intent("list_tasks", filters),)
    return None


def _about(words: str, setting: Setting, *, is_ours: bool) -> Filters | None:
    """The tasks that it is about; None where it is about none, and could be about anything."""
    if re.fullmatch(QUOTED, words):
        return {"about": setting.words(words)}
    for _ in range(4):
        words = FILLER.sub("", words)
    if not words or EMPTY.fullmatch(words):
        return None
    if setting.knows(words):
        return {"about": setting.words(words).lower()}
    filters = read_filters(f"{words} tasks", setting, may_be_about=True)
    if filters is None or "about" not in filters:
        return {"about": setting.words(words).lower()} if is_ours and len(words.split()) <= 5 else None
    return filters if is_ours or setting.knows(filters["about"]) else None
