"""What narrows a list of tasks: "pending", "due this week", "high priority", "#home", "by due date"."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from assistant.understanding.commands.marks import LEVEL, LEVELS, TAG
from assistant.understanding.dates.dates import When, find_dates, moment, rfc3339
from assistant.understanding.quotes import Setting

MOST_SHOWN: Final = 100
# Words that a message for a list may hold without asking for anything more.
FILLERS: Final = frozenset(
    (  # noqa: SIM905 - a hundred words read better as words
        "a about agenda all am and any anything are as at be bring by can check complete completed could count "
        "how's looking "
        "current currently deadline deadlines did display do does done due each entire every everything filter "
        "find finish finished first for from full get give go going got has have how i i'm in is it item items its "
        "just left let let's list lists many me most much must my need next now of on one ones only open or order our "
        "out over pending plan plans plate please print pull quick read remaining remind reminder reminders review "
        "schedule see should show some sort still task tasks tell that the them there these they thing things this "
        "those through to to-do to-dos today's todo todo's todos tomorrow's up us view was we what what's whats "
        "when which whole with "
        "aren't behind been busy calendar coming looking count crossed dates doing does else fall falls far forgot"
        " free gimme "
        "give got hand happening isn't know like look looks miss missed need needed needs number off overview planned "
        "quick recap rundown scheduled so still stuff summary ticked total upcoming want week what've who've "
        "without yet 've i've gotta something nothing again say want wanna been than some or there's that's "
    ).split()
)
WORD: Final = re.compile(r"[^\W_][\w'’-]*|[\ue000-\uf8ff]|[^\s\w,.;:!?()-]")
ORDER_KEYS: Final[Mapping[str, str]] = {
    "due date": "due_at",
    "due": "due_at",
    "deadline": "due_at",
    "date": "due_at",
    "priority": "-priority",
    "importance": "-priority",
    "urgency": "-priority",
    "title": "title",
    "name": "title",
    "created": "created_at",
    "creation date": "created_at",
    "age": "created_at",
    "newest": "-created_at",
    "latest": "-created_at",
    "most recent": "-created_at",
    "oldest": "created_at",
}
KEY: Final = "|".join(sorted(ORDER_KEYS, key=len, reverse=True))
MINE: Final = re.compile(r"\bmy(?= (?:day|week|month|weekend)\b)", re.IGNORECASE)
POSSESSIVE: Final = re.compile(r"(?<=today|orrow)['’]s\b", re.IGNORECASE)
BETWEEN: Final = re.compile(r"\bbetween ?$", re.IGNORECASE)
DUE_WORD: Final = re.compile(r"\b(?:due|deadline)\b", re.IGNORECASE)
# What a list may be about: a tag, or words of titles.
TASKS: Final = re.compile(r"\b(?:tasks?|to-?dos?|reminders?)\b", re.IGNORECASE)
OTHER_NOUNS: Final = re.compile(
    r"\b(?:lists?|things?|stuff|items?|anything|everything|something|ones)\b", re.IGNORECASE
)
MOST_ABOUT: Final = 3
DESCENDING: Final = "desc"

Filters = dict[str, Any]


def _status(match: re.Match[str], setting: Setting) -> Filters:
    return {"status": "completed" if match["completed"] else "pending"}


def _order(match: re.Match[str], setting: Setting) -> Filters:
    key = ORDER_KEYS[(match["key"] or match["named"]).lower()]
    if (match["direction"] or "").lower().startswith(DESCENDING):
        key = "-" + key.lstrip("-")
    return {"ordering": key}


def _limit(match: re.Match[str], setting: Setting) -> Filters:
    order = {"oldest": "created_at", "next": "due_at"}.get((match["which"] or match["which_2"]).lower())
    limit = {"limit": min(max(int(match["limit"] or match["limit_2"]), 1), MOST_SHOWN)}
    return limit | ({"ordering": order} if order else {})


def _overdue(match: re.Match[str], setting: Setting) -> Filters:
    return {"status": "pending", "due_before": rfc3339(setting.now)}


def _days_ahead(match: re.Match[str], setting: Setting) -> Filters:
    days = int(match["days"] or 1) * (7 if match["unit"].lower() == "week" else 1)
    end = moment(datetime.combine(setting.now.date(), datetime.min.time()) + timedelta(days=days + 1), setting.now)
    return {"status": "pending", "due_after": rfc3339(setting.now), "due_before": rfc3339(end)}


# In this order; each takes its words out of the text.
FILTERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Setting], Filters]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (
            rf"\b(?:and )?(?:sort(?:ed)?|order(?:ed)?)(?: (?:them|it|my tasks|tasks|all tasks))? by (?:the "
            rf"|their )?(?P<key>{KEY})"
            r"(?:,? \(?(?P<direction>desc|asc)(?:ending)?\)?)?\b|\b(?<!\d )(?P<named>newest|oldest|latest"
            r"|most recent)(?: first)?(?! \d)\b",
            _order,
        ),
        (rf"\bby (?P<key>{KEY})(?P<direction>)(?P<named>)$", _order),
        (
            r"\b(?P<which>first|last|top|latest|newest|oldest|next) (?P<limit>\d{1,3})\b(?! days?| weeks?)"
            r"|\b(?P<limit_2>\d{1,3}) (?P<which_2>first|last|latest|newest|oldest|next|most recent)\b",
            _limit,
        ),
        (
            r"\b(?:due )?(?:in |within |over |for )?the (?:next"
            r"|coming) (?!calendar)(?:(?P<days>\d{1,2}) )?(?P<unit>day|week)s?\b",
            _days_ahead,
        ),
        (
            r"\b(?:not|aren['’]?t|isn['’]?t|are ?n['’]?t|nothing) (?:yet |already )?(?:overdue|late"
            r"|past due)(?: yet)?\b",
            lambda match, setting: {"status": "pending", "not_due_before": rfc3339(setting.now)},
        ),
        (
            r"\b(?:overdue|past (?:their |its |the )?(?:due(?: date)?|deadline)|late(?: with| on| for)?|behind(?: on"
            r"| with)?"
            r"|(?:did|have|has) i (?:miss(?:ed)?|forg[eo]t(?:ten)?)|i(?:['’]ve)? (?:missed|forg[eo]t(?:ten)?)|slipped"
            r"|should (?:already )?have (?:done|finished)"
            r"|should (?:already )?(?:be|have been) (?:done|finished))\b",
            _overdue,
        ),
        (
            r"\b(?:without|with no|ha(?:s|ve) no|(?:do|does) ?(?:n['’]?t|not) have|have ?n['’]?t(?: got)?|hasn['’]?t"
            r"|lacking|missing|no)"
            r"(?: (?:an?|any|the|due))? (?:due ?dates?|deadlines?|dates?|times?)\b|\b(?:undated|unscheduled"
            r"|not scheduled|not dated)\b",
            lambda match, setting: {"status": "pending", "has_due_at": False},
        ),
        (
            r"\b(?:with|having|that have|which have|have|has|ha(?:s|ve) got)(?: (?:an?|any|the))? (?:due ?dates?"
            r"|deadlines?|dates?)\b",
            lambda match, setting: {"status": "pending", "has_due_at": True},
        ),
        (
            rf"\b(?:with |of |at |has |have )?(?:an? )?(?P<level>{LEVEL})(?:(?:[ -]prio(?:rity)?)\b|(?= (?:tasks?|ones"
            rf"|to-?dos?"
            rf"|items?)\b))"
            rf"|\b(?:with )?priority[: ] ?(?P<after>{LEVEL})\b|\b(?P<alone>urgent|important|critical)\b",
            lambda match, setting: {"priority": LEVELS[(match["level"] or match["after"] or match["alone"]).lower()]},
        ),
        (
            r"\b(?P<pending>pending|(?:still )?needs? (?:doing|to be done)|(?:still )?to be done"
            r"|(?:still )?open(?= (?:tasks?|ones|to-?dos?|items?))|(?:is|are) (?:still )?open"
            r"|active|unfinished|incomplete|outstanding"
            r"|remaining|undone|uncompleted|(?:is |are )?not (?:yet )?(?:done|completed?|finished)(?: yet)?|(?:is "
            r"|are |have )?left(?: to do)?)\b"
            r"|\b(?P<completed>completed?|done|finished|closed|(?:tick|check|cross)(?:ed)?[ -]off|got (?:done|through)"
            r"|accomplish(?:ed)?|achieved?)\b",
            _status,
        ),
    )
)
TAGGED: Final = re.compile(
    r"\b(?:tagged|labell?ed|with (?:the )?tags?|tag)(?: with| as|:)? (?P<tags>#?[\w-]+(?: and #?[\w-]+){0,9})",
    re.IGNORECASE,
)


def read_filters(text: str, setting: Setting, *, may_be_about: bool = False) -> Filters | None:
    """The arguments of ``list_tasks``; None where a word is neither a filter nor a list's.

    ``may_be_about``: a few other words may be what the tasks are about.
    """
    whole = text
    found: Filters = {}
    text, tags = _take_tags(text)
    if tags:
        found["tags"] = tags
    for pattern, read in FILTERS:
        if match := pattern.search(text):
            found = read(match, setting) | found
            text = text[: match.start()] + " " + text[match.end() :]
    text, due = _take_due(text, setting)
    if due and found.get("status") == "completed" and not DUE_WORD.search(whole):
        due = {name.replace("due_", "completed_"): instant for name, instant in due.items()}
    left = [word for word in WORD.findall(text) if word.lower().replace("’", "'") not in FILLERS]
    if left:
        if not may_be_about or not _is_about(whole, left, setting):
            return None
        found["about"] = " ".join(left).lower()
    return ({"status": "pending"} if due else {}) | due | found


def _is_about(text: str, left: list[str], setting: Setting) -> bool:
    if len(left) > MOST_ABOUT or not all(word[0].isalnum() and not word.isdecimal() for word in left):
        return False
    if TASKS.search(text):
        return len(left) < MOST_ABOUT or setting.knows(" ".join(left))
    return bool(OTHER_NOUNS.search(text)) and setting.knows(" ".join(left))


def _take_tags(text: str) -> tuple[str, list[str]]:
    tags = [match["tag"] for match in TAG.finditer(text)]
    if match := TAGGED.search(text):
        tags += [word.lstrip("#") for word in match["tags"].split() if word.lower() != "and"]
        text = text[: match.start()] + " " + text[match.end() :]
    return TAG.sub("", text), list(dict.fromkeys(tags))


def _take_due(text: str, setting: Setting) -> tuple[str, Filters]:
    text = MINE.sub("this", POSSESSIVE.sub("", text))
    dates = find_dates(text, setting)
    before = BETWEEN.search(text[: dates[0].start]) if dates else None
    if len(dates) == 2 and (before or dates[0].lead == "from"):
        bounds = {"due_after": rfc3339(dates[0].first), "due_before": rfc3339(dates[1].last)}
        return BETWEEN.sub(" ", text[: dates[0].start]) + text[dates[1].end :], bounds
    if len(dates) != 1:
        return text, {}
    return text[: dates[0].start] + " " + text[dates[0].end :], _bounds(dates[0])


def _bounds(when: When) -> Filters:
    if when.lead == "before":
        return {"due_before": rfc3339(when.first)}
    if when.lead in ("after", "since"):
        return {"due_after": rfc3339(when.first if when.lead == "since" else when.last)}
    if when.lead in ("by", "until", "till") or when.has_time:
        return {"due_before": rfc3339(when.last)}
    return {"due_after": rfc3339(when.first), "due_before": rfc3339(when.last)}
