"""A new task out of the words it was described with."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from assistant.understanding.commands.marks import take_priority, take_tags
from assistant.understanding.dates.dates import When, find_dates, moment, rfc3339
from assistant.understanding.dates.recurring import take_rule
from assistant.understanding.dates.spelling import show_moment
from assistant.understanding.dates.words import ANY_WEEKDAY, LONG_WEEKDAY, NUMBER
from assistant.understanding.meanings import ASK_TITLE, Intent, Meaning, Question
from assistant.understanding.quotes import QUOTED, Setting

DESCRIPTION: Final = re.compile(
    rf"[,;.]? (?:with|and)?(?: (?:a|the))? ?\b(?:description|note|details?)(?: of| saying|:)? ?(?P<quoted>{QUOTED})"
    r"|[,;.] ?(?:with )?(?:a )?\b(?:description|notes?|details?): ?(?P<words>.+)$"
    r"|\b(?:with (?:the |a )?(?:description|note)|(?:description|note):)(?: of| saying|:)? (?P<said>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# What may be left around a title when its marks are taken away.
EDGES: Final = " \t\n,;:-–—"
PUNCTUATION: Final = re.compile(r"[\s,;:.!-]+$")
LEFT_AT_END: Final = re.compile(r"(?:[\s,;:.!-]|\b(?:due|by|and|with|for|on|at|some ?time)\b)+$", re.IGNORECASE)
LEFT_AT_START: Final = re.compile(
    r"^(?:[\s,;:-]|(?:that )?i (?:need|have|want|must|should)(?: to)?\b|to (?=\w)|(?:for|of) (?=\w+ing\b)|that (?=i )"
    r"|(?:called|named|titled) (?=\S))+",
    re.IGNORECASE,
)
# After these, words between others are a date: "call mum on friday about the car".
LEADS: Final = ("on", "at", "by", "before", "until", "till", "due")
NAMED: Final = re.compile(rf"^(?:(?:called|named|titled|saying) )?({QUOTED})", re.IGNORECASE)
# Words of time beside others that were understood: what they add to those nobody knows.
LEFT_BESIDE: Final = re.compile(
    r"(?<!\S)@(?!\w)|(?<!\w)@ ?\d|\b(?:every|each|(?:mid|early|late)(?= |$)|fortnight|tomorrow|tmrw|today"
    r"|tonight)\b(?!['’])"
    rf"|\b(?<!the ){LONG_WEEKDAY}s?\b(?!['’])|\b\d{{1,2}}(?::\d\d)? ?[ap]m\b|\b(?:next|last|this|following) (?:day"
    rf"|week|weekend|month|year|{ANY_WEEKDAY})\b"
    rf"|\b(?:{NUMBER}|half an|quarter|half) (?:hours?|days?|weeks?|months?|past|to|o['’]?clock)\b"
    rf"|\b(?:before|by|until|till|after|next|or|of|from|week|weeks|days|day|or before|{ANY_WEEKDAY})\W*$",
    re.IGNORECASE,
)
# By themselves at the end of a title: something that was to be a date.
LEFT_ALONE: Final = re.compile(
    rf"\b(?:in|within|after) (?:about |around )?(?:the next )?(?:\S+ ){{0,3}}(?:minutes?|hours?|days?|weeks?|months?"
    rf"|fortnights?)\W*$"
    rf"|\b(?:next|the coming|this coming) (?:\w+ )?(?:days?|weeks?|weekdays?|months?|quarter|fortnight)\W*$|\b(?:mid"
    rf"|early|late)[ -]\w+\W*$"
    rf"|(?<!\S)@ ?\d[\d:.]*\W*$|\b(?:before|by|until|till) (?:{ANY_WEEKDAY}|\d[\d:.]*|the \w+ of \w+)\W*$"
    rf"|\b(?:a|{NUMBER}) (?:days?|weeks?|months?) (?:from|before|after) \S+\W*$|\bend of (?:\w+ ){{0,3}}(?:quarter"
    rf"|term|season)\W*$"
    r"|\b\d{1,2}/\d{1,2}\W*$",
    re.IGNORECASE,
)
DAY: Final = timedelta(days=1)
ASK_DAY: Final = "When is that due? Say the whole sentence again with a day such as “on friday at 9:00” or “on 3 May”."
REPEATS: Final = "I cannot repeat a task yet ({rule}). Shall I add “{title}” just once{due}?"


@dataclass(slots=True)
class Draft:
    # The arguments of ``add_task``; without ``title`` where the words hold none.
    fields: dict[str, Any]
    # The words that want it repeated.
    rule: str | None = None
    # Whether words of time were left that say nobody knows what.
    is_unsure: bool = False

    @property
    def title(self) -> str:
        return str(self.fields.get("title", ""))

    def meaning(self, setting: Setting) -> Meaning:
        if not self.title:
            return Question(ASK_TITLE)
        if self.rule and not setting.is_once:
            return Question(REPEATS.format(rule=self.rule, title=self.title, due=self._due(setting)))
        return Question(ASK_DAY) if self.is_unsure else (Intent("add_task", self.fields),)

    def _due(self, setting: Setting) -> str:
        due_at = self.fields.get("due_at")
        return f", due {show_moment(datetime.fromisoformat(due_at), setting.now)}" if due_at else ""


def read_draft(text: str, setting: Setting) -> Draft:
    whole = text = text.strip()
    text, description = take_description(text, setting)
    text, tags = take_tags(text)
    text, priority = take_priority(text)
    text, rule = take_rule(text)
    text, due_at, until = take_due(text, setting)
    title = _title(text, setting, is_rest=text != whole)
    left = LEFT_BESIDE if due_at else LEFT_ALONE
    # Those at the end are looked for there, which keeps the search short.
    rest = text.strip(EDGES + ".")
    is_unsure = bool(left.search(rest, 0 if due_at else max(0, len(rest) - 100))) and not NAMED.match(text)
    if until and title:
        title = f"{title} (until {until})"
    fields = {"title": title, "description": description, "priority": priority, "due_at": due_at, "tags": tags}
    return Draft({name: value for name, value in fields.items() if value}, rule, is_unsure)


def take_description(text: str, setting: Setting) -> tuple[str, str | None]:
    match = DESCRIPTION.search(text)
    if not match:
        return text, None
    said = match["quoted"] or match["words"] or match["said"]
    return f"{text[: match.start()]} {text[match.end() :]}", setting.words(said)


def take_due(text: str, setting: Setting) -> tuple[str, str | None, str]:
    """The text without the words that say when, when, and until when; the last ones, where there are several."""
    found = [when for when in find_dates(text, setting) if _is_due(text, when)]
    if not found:
        return text, None, ""
    chosen = found[-1]
    due, gone = chosen.due_at, [chosen]
    if len(found) == 2 and found[0].has_day != found[1].has_day:
        day, hour = sorted(found, key=lambda when: not when.has_day)
        if not day.has_time:
            at = day.last.replace(tzinfo=None, hour=hour.first.hour, minute=hour.first.minute)
            due, gone = moment(at - (day.last - day.first if day.lead == "before" else DAY), due), found
    for when in reversed(gone):
        text = f"{text[: when.start].rstrip()} {text[when.end :].lstrip()}"
    until = next((f"{when.until:%H:%M}" for when in gone if when.until), "")
    return text, rfc3339(due), until


def _is_due(text: str, when: When) -> bool:
    """At either end of the text, or led to by a word: else "the monday meeting" would be due."""
    at_end = not text[when.end :].strip(" .,!;)")
    at_start = not text[: when.start].strip(" ,(")
    return at_end or at_start or when.lead in LEADS


def _title(text: str, setting: Setting, *, is_rest: bool) -> str:
    """``is_rest``: marks were taken out of it, which may have left the words that led to them."""
    text = LEFT_AT_START.sub("", text.strip(EDGES))
    text = _without_end(text, LEFT_AT_END if is_rest else PUNCTUATION)
    if named := NAMED.fullmatch(text):
        return setting.words(named[1])
    return re.sub(r"[^\S\n]{2,}", " ", setting.words(text)).strip()


def _without_end(text: str, pattern: re.Pattern[str]) -> str:
    """Looks at the last words only, which keeps the search short."""
    match = pattern.search(text, max(0, len(text) - 40))
    return text[: match.start()] if match else text
