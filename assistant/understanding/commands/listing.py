"""Messages that only want to see tasks: every word of them is one that asks for a list or narrows it."""

import re
from typing import Final

from assistant.understanding.commands.filters import read_filters
from assistant.understanding.commands.verbs import ADDING, CHANGING, REFUSING
from assistant.understanding.dates.dates import read_date_alone
from assistant.understanding.meanings import Intent, Meaning, Question
from assistant.understanding.quotes import QUOTED, Setting

LONGEST: Final = 300
WIPING: Final = r"(?:wipe|empty|scrap|bin|trash|discard|purge|strike|cross|take|bring|restore|throw|both)"
# Their words are a list's too: "get all my tasks done", "my tasks are all done".
COMMAND: Final = re.compile(
    r"(?:complete|finish|close|do(?! (?:i|we)\b)|mark|set|tick|add|put|move)\b|give (?:this|that|it|them|these)\b"
    r"|i(?:['’]ve| have)? (?:already )?(?:done|completed|finished)\b"
    r"|(?:get|have|let|see to|i|we|make)\b.{0,80}\b(?:done|completed?|finished)(?: today| now)?$"
    r"|(?:(?:all|my|the) )*(?:tasks?|to-?dos?|items?)(?: are| is|['’]re)(?: all| now)* (?:done|completed?|finished)$",
    re.IGNORECASE,
)
LEAD: Final = re.compile(
    r"(?:show|list|display|view|see|give|get|print|read|tell|find|count|check|open|review|go over|go through"
    r"|bring up|pull up"
    r"|what|what['’]?s|whats|which|how many|how much|how['’]?s|do i have|have i|are there|is there|is anything"
    r"|let me see|let['’]?s see"
    r"|any|anything|remind me what|filter|sort|order|am i|are we|will i|did i|number of|gimme|everything|read out"
    r"|tell me"
    r"|what['’]?ve|who|where|things|stuff)\b",
    re.IGNORECASE,
)
ALL: Final = re.compile(r"\b(?:all|everything)\b", re.IGNORECASE)
NOUN: Final = re.compile(
    r"\b(?:tasks?|to-?dos?|to-?do lists?|lists?|reminders?|items?|agenda|plate|schedule|ones|due"
    r"|deadlines?"
    r"|overdue|left|needs? doing|to be done|things|stuff|pending|unfinished"
    r"|remaining|next|to do|still do|should i do|must i do|do i do|have i (?:done|completed|finished)|did i (?:do"
    r"|complete|finish))\b",
    re.IGNORECASE,
)
ENDS_IN_NOUN: Final = re.compile(
    r"\b(?:tasks|to-?dos|reminders|stuff)\b(?=\W*(?:$|(?:with|without|due|for|by|from|on|in|that|which|i|today"
    r"|tomorrow|this|next|now|please|left|to do)\b))",
    re.IGNORECASE,
)
# Words of titles are asked for, not a tag.
SEARCHING: Final = re.compile(
    r"^(?:find|search|look|locate|where)\b|\b(?:about|called|named|containing|mentioning|contains?|mentions?|says?)\b",
    re.IGNORECASE,
)
VERB_FIRST: Final = re.compile(rf"(?:{CHANGING}|{ADDING}|{REFUSING}|{WIPING})\b|.*[:!]|\W", re.IGNORECASE)
WANTED: Final = r"(?P<query>.+?)(?: (?:tasks?|in my tasks|in my list|on my list))?"
SEARCHES: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:search|look)(?: up)?(?: (?:my|the|all|all my)? ?(?:tasks?|list|to-?dos?))?(?: for"
        rf"| up)? (?:tasks? )?(?:(?:about|with|like|containing|mentioning|called|named) )?{WANTED}",
        rf"(?:find|locate|look up)(?: me)?(?: (?:all|any|the|my|a|all my|all the))?(?: (?:tasks?|to-?dos?))?"
        rf"(?: (?:about|for|with|called|named|containing|mentioning|like|that (?:mentions?|contains?"
        rf"|says?)))* {WANTED}",
        r"(?:show|list|display|see|view|get|give)(?: me)?(?: (?:all|any|the|my|a|all my|all the"
        r"|every))?(?: (?:tasks?|to-?dos?))"
        r" (?:about|for|with|called|named|containing|mentioning|like|that (?:mentions?|contains?|says?)) (?P<query>.+)",
        r"(?:show|list|display)(?: me)?(?: (?:all|the|my|all my|all the))? (?P<query>(?:[\w'’-]+ ){1,3}?)tasks?",
        r"(?:(?:do i have|is there|are there|have i got)(?: (?:a|any|some))?|which|what|any) (?:tasks?|to-?dos?)"
        r" (?:about|for|with|called|named|containing|mentioning|like|that (?:mentions?|contains?|says?)|mentions?"
        r"|contains?)"
        r" (?P<query>.+)",
        rf"(?:show|open|view|see|display|list)(?: me)?(?: (?:the )?(?:task"
        rf"|details of(?: task)?))? (?P<query>{QUOTED})(?: task)?",
        rf"where is (?:the |my )?(?:task )?(?P<query>{QUOTED}|[^?]+?)(?: task)?",
    )
)
BARE_SEARCH: Final = re.compile(r"(?:search|find|look)(?: (?:for|up|it|a task|something|my tasks))*", re.IGNORECASE)
ASK_WORDS: Final = "Which words should I look for?"
ARTICLE: Final = re.compile(r"^(?:(?:the|my|a|an|about|for) )+", re.IGNORECASE)

# What is to be done first.
NEXT: Final = re.compile(
    r"(?:so |and |ok(?:ay)?,? )?(?:what(?:['’]?s| is| comes)(?: up| coming| coming up)? next|what next|next up|up next"
    r"|what(?:['’]?s| is) (?:my|the) next (?:task|thing|one|item)(?: to do| on my list)?"
    r"|what (?:should|must|can|do) (?:i|we) (?:do|tackle|start with|work on)(?: next| first| now)|my next task)",
    re.IGNORECASE,
)


def read_list(text: str, setting: Setting) -> tuple[Intent, ...] | None:
    if NEXT.fullmatch(text.strip(" ?.!")):
        return (Intent("list_tasks", {"status": "pending", "ordering": "due_at"}),)
    leads = bool(LEAD.match(text)) or _is_stretch(text, setting)
    if COMMAND.match(text):
        return None
    if len(text) > LONGEST or not (leads or NOUN.search(text)):
        return None
    found = read_filters(text, setting, may_be_about=_may_be_about(text, leads=leads))
    if found and "about" in found and SEARCHING.search(text):
        return None
    if found is None or not (NOUN.search(text) or (leads and (found or ALL.search(text)))):
        return None
    return (Intent("list_tasks", found),)


def _may_be_about(text: str, *, leads: bool) -> bool:
    """ "the hardware tasks", but not "delete the hardware tasks"."""
    return leads or (bool(ENDS_IN_NOUN.search(text)) and not VERB_FIRST.match(text))


def _is_stretch(text: str, setting: Setting) -> bool:
    """ "tomorrow" and no more."""
    when = read_date_alone(text, setting)
    return when is not None and not when.has_time


def read_search(text: str, setting: Setting) -> Meaning | None:
    if len(text) > LONGEST:
        return None
    if BARE_SEARCH.fullmatch(text):
        return Question(ASK_WORDS)
    for pattern in SEARCHES:
        match = pattern.fullmatch(text)
        if match and (query := setting.words(ARTICLE.sub("", match["query"]).strip(" ?.!"))):
            return (Intent("search_tasks", {"query": query}),)
    return None
