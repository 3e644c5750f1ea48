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
        "current currently deadline deadlines did display do does done due each entire every everything filter "
        "find finish finished first for from full get give go going got has have how i i'm in is it item items its "
        "just left let let's list lists many me most much must my need next now of on one ones only open or order our "
        "out over pending plan plans plate please print pull quick read remaining remind reminder reminders review "
        "schedule see should show some sort still task tasks tell that the them there these they thing things this "
        "those through to to-do to-dos today's todo todo's todos tomorrow's up us view was we what what's whats "
        "when which whole with "
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
POSSESSIVE: Final = re.compile(r"(?<=today|orrow)['’]s\b", re.IGNORECASE)
BETWEEN: Final = re.compile(r"\bbetween ?$", re.IGNORECASE)
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
            r"\b(?:due )?(?:in |within |over |for )?the (?:next|coming) (?:(?P<days>\d{1,2}) )?(?P<unit>day|week)s?\b",
            _days_ahead,
        ),
        (r"\b(?:overdue|past (?:their |its |the )?(?:due(?: date)?|deadline)|late)\b", _overdue),
        (
            rf"\b(?:with |of |at )?(?:an? )?(?P<level>{LEVEL})(?:(?:[ -]priority)\b|(?= (?:tasks?|ones|to-?dos?"
            rf"|items?)\b))"
            rf"|\b(?:with )?priority[: ] ?(?P<after>{LEVEL})\b|\b(?P<alone>urgent|important|critical)\b",
            lambda match, setting: {"priority": LEVELS[(match["level"] or match["after"] or match["alone"]).lower()]},
        ),
        (
            r"\b(?P<pending>pending|(?:still )?open(?= (?:tasks?|ones|to-?dos?|items?))|(?:is|are) (?:still )?open"
            r"|active|unfinished|incomplete|outstanding"
            r"|remaining|undone|uncompleted|(?:is |are )?not (?:yet )?(?:done|completed?|finished)(?: yet)?|(?:is "
            r"|are |have )?left(?: to do)?)\b"
            r"|\b(?P<completed>completed?|done|finished|closed|ticked[ -]off|checked[ -]off)\b",
            _status,
        ),
    )
)
TAGGED: Final = re.compile(
    r"\b(?:tagged|labell?ed|with (?:the )?tags?|tag)(?: with| as|:)? (?P<tags>#?[\w-]+(?: and #?[\w-]+){0,9})",
    re.IGNORECASE,
)


def read_filters(text: str, setting: Setting) -> Filters | None:
    """The arguments of ``list_tasks``; None where a word is neither a filter nor a list's."""
    found: Filters = {}
    text, tags = _take_tags(text)
    if tags:
        found["tags"] = tags
    for pattern, read in FILTERS:
        if match := pattern.search(text):
            found = read(match, setting) | found
            text = text[: match.start()] + " " + text[match.end() :]
    text, due = _take_due(text, setting)
    if not all(word.lower().replace("’", "'") in FILLERS for word in WORD.findall(text)):
        return None
    return ({"status": "pending"} if due else {}) | due | found


def _take_tags(text: str) -> tuple[str, list[str]]:
    tags = [match["tag"] for match in TAG.finditer(text)]
    if match := TAGGED.search(text):
        tags += [word.lstrip("#") for word in match["tags"].split() if word.lower() != "and"]
        text = text[: match.start()] + " " + text[match.end() :]
    return TAG.sub("", text), list(dict.fromkeys(tags))


def _take_due(text: str, setting: Setting) -> tuple[str, Filters]:
    text = POSSESSIVE.sub("", text)
    dates = find_dates(text, setting.now)
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
