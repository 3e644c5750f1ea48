"""Messages that want a new task."""

import re
from typing import Final

from assistant.understanding.commands.drafts import read_draft
from assistant.understanding.commands.everyday import is_everyday
from assistant.understanding.commands.marks import TAG, take_priority
from assistant.understanding.commands.several import BETWEEN, add_each, split_tasks
from assistant.understanding.dates.dates import find_dates
from assistant.understanding.dates.recurring import find_rule
from assistant.understanding.meanings import Intent, Meaning, Question
from assistant.understanding.quotes import Setting

ADD: Final = (
    r"(?:add|create|make|insert|enter|set up|write down|note down|jot down|note|record|log|register|put down"
    r"|schedule|new"
    # Of a task that is there they say something else: "set task 2 to done".
    r"|(?:set|open|start|plan|save|put|give|get)(?= (?:me |up )?(?:an?|another|new|one)\b))"
)
TASK: Final = r"(?:to[- ]?do (?:item|entry|task)s?|to-?dos?|tasks?|reminders?|entry|entries|list items?|items?)"
MARKED: Final = r"(?:(?:high|medium|low|top|normal|urgent|important)(?:[ -]prio(?:rity)?)?,? )"
OF_LIST: Final = r"(?: of (?:things to do|things|stuff|chores|tasks|to-?dos|errands|jobs))?"
LIST: Final = (
    rf"(?:(?:my|the|our|a|this|that) )?(?:(?:to[- ]?do|task|tasks|shopping|grocery|groceries|chores?"
    rf"|\w+)[ -]?list\b(?! \w+ (?:review|to\b)){OF_LIST}"
    rf"|(?:my|the|our|a) list\b{OF_LIST}|list\b{OF_LIST}|(?:my |the |our )(?:to-?dos|tasks|agenda|chores|plate"
    rf"|to do)\b|to-?dos|tasks|agenda"
    r"|(?:what|the things|things|stuff) (?:i|we) (?:have|need|got) to do)"
)
TO_LIST: Final = rf"(?:(?:to|on|onto|in|into) {LIST})"
NEED: Final = r"(?:need|have|must|got|ought|want)"
PLACE: Final = r"(?:add|put|insert|write|enter|place|stick|get|include|throw|pop|chuck|slap|drop|toss|have)"
# Named groups: "task" is what to do, "mark" its priority, "kind" its tag, "rest" what follows it.
ADDITIONS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"{ADD} (?:me |myself |us )?(?:(?:an?|the|one|another|the following|this|my)(?: (?:more"
        rf"|other))? )?(?:new )?(?P<mark>{MARKED}(?:and )?)?(?:new |quick )?{TASK}\b(?! list\b)"
        rf"(?: (?:for me|{TO_LIST}))?(?:[,:.;-]+| ?(?:called|named|titled|saying|that says|with (?:the )?(?:title"
        rf"|name)|entitled|which says|about)\b:?)?(?P<task>.*)",
        rf"{ADD} (?:an?|another) (?:new )?(?P<mark>{MARKED})?(?P<kind>(?!new\b|quick\b|short\b|simple\b"
        rf"|little\b)[a-z]+) task(?P<task>:? (?:to|called|for) .+)",
        rf"(?:{ADD} )?(?:new |another )?(?:{TASK})\s*(?::|-| - )\s*(?P<task>.*)",
        r"new (?:task|to-?do|reminder)\b(?P<task>.*)",
        r"(?:to-?do|to do):? (?P<task>.+)",
        r"remind (?:me|us) (?P<rest>every .{1,40}?) to (?P<task>.+)",
        r"remind (?:me|us)(?: again)?[,:]?(?: to| about| of| that i (?:need|have|must|should)(?: to)?"
        r"| that)?:? (?P<task>.+)",
        r"remind (?:me|us)(?P<task>)",
        r"(?:please )?(?:do not|don['’]?t|never)(?: let me| you)? (?:forget|fail)(?: to| about| that i (?:need"
        r"|have|must)(?: to)?)?:?(?P<task> .+)",
        rf"(?:make sure|ensure|see to it)(?: that)? (?P<task>[^,;]+?) (?:is|are|gets?|goes|ends? up) {TO_LIST}",
        r"(?:please )?note,?(?: that)? (?:i|we) (?:need|have|must|should)(?: to)?(?P<task> .+)",
        r"(?:remember|make sure)(?: to| that i (?:need|have|must)(?: to)?| that i| i| about)?:?(?P<task> .+)",
        r"(?:make|take) (?:a |me a )?note(?: to(?: self)?| of| that i (?:need|have|must)(?: to)?|:)*:?(?P<task> .+)",
        r"(?:note to self|note|memo|reminder):(?P<task> .+)|note to self (?P<task_2>.+)",
        rf"(?:(?:i|we)(?:['’]d| would)? (?:(?:still|also|really|do) )?)?(?:{NEED}|like) (?P<task>.+?) (?:put "
        rf"|added )?{TO_LIST}",
        r"(?:(?:i|we) (?:(?:still|also|really) )?)?(?:need to|need(?! you)|have to|have got to|must|gotta|ought to"
        r"|got to)(?: also| still"
        r"| really)? (?P<task>(?!to\b)[a-z].+)",
        r"i['’]ve (?:got )?to (?P<task>.+)",
        r"(?:i['’]ve )?gotta (?P<task>.+)",
        rf"{PLACE} (?P<task>.+?)(?<! back) (?:down )?{TO_LIST}(?P<rest>(?![\w-]).*)",
        rf"{PLACE} {TO_LIST}[:,]? (?P<task>.+)",
        rf"{TO_LIST},? (?:please )?(?:put|add|write) (?P<task>.+)",
        rf"{LIST} (?:needs|should (?:have|include)|wants) (?P<task>.+)",
        r"(?:add|append|insert|plus)\b:?(?P<task>.*)",
        r"(?:(?:put|write|jot|note|take)(?: this| that| it)? down)(?: for me)?\b:?(?P<task> .+)",
        r"create (?P<task>[\ue000-\uefff].*)",
        r"schedule (?:an? |the )?(?P<task>.+)",
        r"(?P<task>set up (?:an? |the ).+)",
        rf"(?!(?:empty|wipe|clear|reset|delete|remove|take|erase)\b)(?P<task>[^:]+?)(?<! back) {TO_LIST}",
    )
)
# "add tasks: a, b and c" is a list whatever its parts are.
SEVERAL: Final = re.compile(
    rf"(?:{ADD} )?(?:me )?(?:(?:the|these|those|some|all these|all the|two|three|four|five|six|seven|eight|nine"
    rf"|ten|\d{{1,2}}|a few|several|my|new)(?: following)? )*"
    rf"(?:{TASK}|things|ones|the following|following|these|those)(?: for me"
    rf"| {TO_LIST})?(?<!task)(?<!to-do)(?<!todo)(?<!reminder)(?<!item)(?: ?:\s*| (?:to|for) (?=.*(?:,"
    rf"| and )))(?P<tasks>.+)"
    rf"|(?:shopping|grocery|to[- ]?do|task|packing) ?list: ?(?P<tasks_2>.+)",
    re.IGNORECASE | re.DOTALL,
)
SHOPPING: Final = re.compile(r"\b(?:shopping|grocery|groceries)\b[ -]?(?:list)?", re.IGNORECASE)
NEW_LIST: Final = re.compile(
    r"(?:make|create|start|add|open|begin|set up|give me|i (?:want|need)) (?:me )?(?:an?|another|one|the"
    r"|my)? ?(?:[\w-]+ ){0,3}list\b"
    r"(?! (?:item|app|review))(?: (?:called|named|for|of|with) .+)?",
    re.IGNORECASE,
)
SUBTASK: Final = re.compile(
    r"(?:add|create|make|split|put) .{0,80}?\b(?:sub-?tasks?|checklist|steps) (?:to|under|in|for|of)\b", re.IGNORECASE
)
NO_SUBTASKS: Final = (
    "I cannot keep tasks inside of tasks; a note can hold the steps: “note on 2: first this, then that”."
)
ONE_LIST: Final = "I cannot keep more than one list, but tags group tasks: “add buy soil #garden”, “show #garden”."
# Sentences about the world, however many dates they hold.
STATEMENT: Final = re.compile(
    r"(?:i|i['’]\w+|you|he|she|it|it['’]s|we|we['’]\w+|they|this|that|there|here|see you|good|nice|happy|talk"
    r"|thanks|what|who|why|how|when|where|which|whose|is|are|was|were|am|do you|does|did|can|could|will|would|shall"
    r"|should|may|might|has|have|had|if|because|the weather|today is|no|yes|not|never|delete|remove|erase|uncheck"
    r"|reopen|undo|rename|mark|cancel|drop|get rid|throw|clear|show|list|display|search|postpone|instead"
    r"|untag|let me|let us|lets|actually|sorry|ok(?:ay)?|maybe|tell me|my|nobody|everyone|everything|someone)\b",
    re.IGNORECASE,
)
FINITE: Final = re.compile(
    r"\b(?:is|are|was|were|am|isn['’]t|aren['’]t|wasn['’]t|has|had|will|won['’]t|can['’]t|don['’]t|it['’]s"
    r"|that['’]s|i['’]m|should|could|would|must|doesn['’]t|didn['’]t|needs)\b",
    re.IGNORECASE,
)
FRONTED: Final = re.compile(
    r"(?:remind|add|i (?:need|have|must)|need to|put|create|don['’]?t forget|remember)\b", re.IGNORECASE
)
LONGEST: Final = 400


def read_addition(text: str, setting: Setting) -> Meaning | None:
    if NEW_LIST.fullmatch(text):
        return Question(ONE_LIST)
    if SUBTASK.match(text):
        return Question(NO_SUBTASKS)
    if several := SEVERAL.fullmatch(text):
        return add_each(BETWEEN.split(several["tasks"] or several["tasks_2"]), setting)
    for pattern in ADDITIONS:
        match = pattern.fullmatch(text)
        if match:
            return _added(match, text, setting)
    return None


def unfront(text: str, setting: Setting) -> str:
    """ "on Friday remind me to call Ed" with its date at the end, where additions have it."""
    when = next(iter(find_dates(text, setting)), None)
    if when is None or when.start > 0:
        return text
    rest = text[when.end :].lstrip(" ,")
    return f"{rest} {text[: when.end]}" if FRONTED.match(rest) else text


def _added(match: re.Match[str], text: str, setting: Setting) -> Meaning:
    found = {name.removesuffix("_2"): words for name, words in match.groupdict().items() if words}
    words, rest = found.get("task", "").strip(), found.get("rest", "")
    if parts := split_tasks(
        words, setting, is_shopping=bool(SHOPPING.search(text[match.end("task") :] if "task" in found else ""))
    ):
        parts[-1] = f"{parts[-1]} {rest}"
        return add_each(parts, setting)
    draft = read_draft(f"{words} {rest}".strip(), setting)
    if mark := found.get("mark"):
        draft.fields["priority"] = take_priority(f"{mark} priority")[1] or take_priority(mark)[1] or "high"
    if kind := found.get("kind"):
        draft.fields["tags"] = [*draft.fields.get("tags", ()), kind.lower()]
    return draft.meaning(setting)


def read_bare_addition(text: str, setting: Setting, *, is_question: bool) -> Meaning | None:
    """Something to do without a word about tasks: by its verb, or because it is marked as a task is."""
    if is_question or text.endswith(":") or len(text) > LONGEST or STATEMENT.match(text):
        return None
    draft = read_draft(text, setting)
    if not draft.title:
        return None
    if is_everyday(text) or (_is_marked(text, setting) and not FINITE.search(draft.title)):
        return draft.meaning(setting)
    return None


def is_marked_task(meaning: Meaning) -> bool:
    """ "finish the report by friday" is to be done, "finish the report" was."""
    return isinstance(meaning, tuple) and isinstance(meaning[0], Intent) and len(meaning[0].arguments) > 1


def _is_marked(text: str, setting: Setting) -> bool:
    return bool(TAG.search(text) or take_priority(text)[1] or find_dates(text, setting) or find_rule(text))
