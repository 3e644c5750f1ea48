"""The calls that a phrase is expected to lead to, in short."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from assistant.understanding import Earlier, understand

# A Saturday.
NOW: Final = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Europe/Rome"))

Call = tuple[str, dict[str, Any]]
Calls = list[Call]


def calls_of(phrase: str, now: datetime = NOW, before: str | None = None) -> Calls:
    understanding = understand(phrase, now, Earlier(answer=before or ""))
    return [
        (intent.tool if intent.each is None else f"each {intent.tool} of {dict(intent.each)}", dict(intent.arguments))
        for intent in understanding.intents
    ]


def add(title: str, **fields: Any) -> Call:
    return "add_task", {"title": title, **fields}


def show(**filters: Any) -> Call:
    return "list_tasks", filters


def search(query: str) -> Call:
    return "search_tasks", {"query": query}


def complete(task: str) -> Call:
    return "complete_task", {"task": task}


def reopen(task: str) -> Call:
    return "reopen_task", {"task": task}


def delete(task: str) -> Call:
    return "delete_task", {"task": task}


def update(task: str, **changes: Any) -> Call:
    return "update_task", {"task": task, **changes}


def each(tool: str, filters: dict[str, Any], **changes: Any) -> Call:
    return f"each {tool} of {filters}", changes
