"""Messages that want a new task."""

import re
from typing import Final

from assistant.bounds import MAX_TOOL_CALLS
from assistant.understanding.commands.drafts import read_draft
from assistant.understanding.commands.everyday import is_everyday
from assistant.understanding.commands.marks import TAG, take_priority
from assistant.understanding.dates.dates import find_dates
from assistant.understanding.meanings import ASK_TITLE, Intent, Meaning, Question
from assistant.understanding.quotes import QUOTED, Setting

ADD: Final = (
    r"(?:add|create|make|insert|enter|set up|write down|note down|jot down|note|record|log|register|put down"
    r"|schedule|new"
    # Of a task that is there they say something else: "set task 2 to done".
    r"|(?:set|open|start|plan|save|put)(?= (?:me |up )?(?:an?|another|new|one)\b))"
)
TASK: Final = r"(?:to-?do (?:item|entry|task)s?|to-?dos?|tasks?|reminders?|entry|entries|list items?|items?)"
MARKED: Final = r"(?:(?:high|medium|low|top|normal|urgent|important)(?:[ -]priority)?,? )"
TO_LIST: Final = (
    r"(?:(?:to|on|onto|in|into) (?:(?:my|the|our|a) )?(?:(?:to-?do|task|tasks|shopping|grocery) ?list|list|to-?dos"
    r"|tasks|agenda))"
)
# Named groups: "task" is what to do, "mark" its priority, "rest" what follows it.
ADDITIONS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"{ADD} (?:me |myself |us )?(?:(?:an?|the|one|another|the following|this|my)(?: (?:more"
        rf"|other))? )?(?:new )?(?P<mark>{MARKED}(?:and )?)?(?:new )?{TASK}\b"
        rf"(?: (?:for me|{TO_LIST}))?(?:[,:.;-]+| ?(?:called|named|titled|saying|that says|with (?:the )?(?:title"
        rf"|name)|entitled|which says|about)\b:?)?(?P<task>.*)",
        rf"(?:{ADD} )?(?:new |another )?(?:{TASK})\s*(?::|-| - )\s*(?P<task>.*)",
        r"new (?:task|to-?do|reminder)\b(?P<task>.*)",
        r"(?:to-?do|to do):? (?P<task>.+)",
        r"remind (?:me|us) (?P<rest>every .{1,40}?) to (?P<task>.+)",
        r"remind (?:me|us)(?: again)?[,:]?(?: to| about| of| that i (?:need|have|must|should)(?: to)?"
        r"| that)?:? (?P<task>.+)",
        r"remind (?:me|us)(?P<task>)",
        r"(?:please )?(?:do not|don['’]?t|never)(?: let me| you)? (?:forget|fail)(?: to| about| that i (?:need"
        r"|have|must)(?: to)?)?:?(?P<task> .+)",
        r"remember(?: to| that i (?:need|have|must)(?: to)?| about)?:?(?P<task> .+)",
        r"(?:make|take) (?:a |me a )?note(?: to(?: self)?| of| that i (?:need|have|must)(?: to)?|:)*:?(?P<task> .+)",
        r"note to self:?(?P<task> .+)",
        r"(?:i|we) (?:(?:still|also|really) )?(?:need to|need|have to|have got to|must|gotta|ought to"
        r"|got to)(?: also| still"
        r"| really)? (?P<task>(?!to\b)[a-z].+)",
        r"i['’]ve (?:got )?to (?P<task>.+)",
        r"(?:i['’]ve )?gotta (?P<task>.+)",
        rf"(?:add|put|insert|write|enter|place|stick|get) (?P<task>.+?) {TO_LIST}(?P<rest>.*)",
        rf"(?:add|put) {TO_LIST}[:,]? (?P<task>.+)",
        r"(?:add|append|insert|plus)\b:?(?P<task>.*)",
        r"create (?P<task>[\ue000-\uf8ff].*)",
        r"schedule (?:an? |the )?(?P<task>.+)",
    )
)
# "add tasks: a, b and c" is a list, "add milk and eggs" one title.
SEVERAL: Final = re.compile(
    rf"(?:{ADD} )?(?:me )?(?:(?:the|these|those|some|all these|all the|two|three|four|five|six|seven|eight|nine"
    rf"|ten|\d{{1,2}}|a few|several|my|new)(?: following)? )*"
    rf"(?:{TASK}|things|ones|the following|following|these|those)(?: for me"
    rf"| {TO_LIST})?(?<!task)(?<!to-do)(?<!todo)(?<!reminder)(?<!item) ?:\s*(?P<tasks>.+)",
    re.IGNORECASE | re.DOTALL,
)
COUNTED: Final = re.compile(rf"{QUOTED}(?:(?:,? and|,) {QUOTED}){{1,40}}", re.IGNORECASE)
BETWEEN: Final = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
ASK_FEWER: Final = f"That is more than I can add at once. Please list at most {MAX_TOOL_CALLS} tasks in a message."
# Sentences about the world, however many dates they hold.
STATEMENT: Final = re.compile(
    r"(?:i|i['’]\w+|you|he|she|it|it['’]s|we|we['’]\w+|they|this|that|there|here|see you|good|nice|happy|talk"
    r"|thanks|what|who|why|how|when|where|which|whose|is|are|was|were|am|do you|does|did|can|could|will|would|shall"
    r"|should|may|might|has|have|had|if|because|the weather|today is|no|yes|not|never|delete|remove|erase|uncheck"
    r"|reopen|undo|rename|mark|cancel|drop|get rid|throw|clear|show|list|display|search|postpone"
    r"|untag|let me|let us|lets)\b",
    re.IGNORECASE,
)
FINITE: Final = re.compile(
    r"\b(?:is|are|was|were|am|isn['’]t|aren['’]t|wasn['’]t|has|had|will|won['’]t|can['’]t|don['’]t|it['’]s"
    r"|that['’]s|i['’]m)\b",
    re.IGNORECASE,
)
LONGEST: Final = 400


def read_addition(text: str, setting: Setting) -> Meaning | None:
    if several := SEVERAL.fullmatch(text):
        return add_each(BETWEEN.split(several["tasks"]), setting)
    for pattern in ADDITIONS:
        match = pattern.fullmatch(text)
        if match:
            return _added(match, setting)
    return None


def _added(match: re.Match[str], setting: Setting) -> Meaning:
    found = match.groupdict()
    words = (found["task"] or "").strip()
    if COUNTED.fullmatch(words):
        return add_each(re.findall(QUOTED, words), setting)
    draft = read_draft(f"{words} {found.get('rest') or ''}".strip(), setting)
    if mark := found.get("mark"):
        draft["priority"] = take_priority(f"{mark} priority")[1] or take_priority(mark)[1] or "high"
    return (Intent("add_task", draft),) if "title" in draft else Question(ASK_TITLE)


def add_each(parts: list[str], setting: Setting) -> Meaning:
    parts = [part for part in parts if re.search(rf"\w|{QUOTED}", part)]
    if len(parts) > MAX_TOOL_CALLS:
        return Question(ASK_FEWER)
    drafts = [read_draft(part, setting) for part in parts]
    return tuple(Intent("add_task", draft) for draft in drafts if "title" in draft) or Question(ASK_TITLE)


def read_bare_addition(text: str, setting: Setting, *, is_question: bool) -> Meaning | None:
    """Something to do without a word about tasks: by its verb, or because it is marked as a task is."""
    if is_question or text.endswith(":") or len(text) > LONGEST or STATEMENT.match(text):
        return None
    draft = read_draft(text, setting)
    if "title" not in draft:
        return None
    if is_everyday(text) or (_is_marked(text, setting) and not FINITE.search(draft["title"])):
        return (Intent("add_task", draft),)
    return None


def _is_marked(text: str, setting: Setting) -> bool:
    return bool(TAG.search(text) or take_priority(text)[1] or find_dates(text, setting.now))
