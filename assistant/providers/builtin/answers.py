"""What the built-in provider says of what its tool calls did."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assistant.providers.builtin.showing import (
    enumerate_titles,
    name_list,
    plain,
    show_details,
    show_lines,
    show_time,
    show_title,
)

Result = Mapping[str, Any]

DONE: Final[Mapping[str, str]] = {"complete_task": "Completed", "reopen_task": "Reopened", "delete_task": "Deleted"}
ALREADY: Final[Mapping[str, str]] = {"complete_task": "was completed already", "reopen_task": "was open already"}
VERBS: Final[Mapping[str, str]] = {"complete_task": "complete", "reopen_task": "reopen", "delete_task": "delete"}
CLEARED: Final[Mapping[str, str]] = {
    "due_at": "is no longer due",
    "description": "has no description any more",
    "tags": "has no tags any more",
}
MOVED: Final = frozenset({"due_at", "due_day", "due_time", "shift_days", "shift_months", "shift_minutes"})
MORE: Final = "There are more: ask again for the rest."


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tool call with its result."""

    tool: str
    arguments: Mapping[str, Any]
    result: Result

    @property
    def is_pending(self) -> bool:
        """Waits for the person's yes; who asks for it says so too."""
        return bool(self.result.get("needs_confirmation"))


def describe(outcome: Outcome, now: datetime) -> str:
    if "error" in outcome.result:
        return _error(outcome)
    if outcome.is_pending:
        return ""
    return TELLERS[outcome.tool](outcome, now)


def describe_each(tool: str, listed: Outcome, outcomes: Sequence[Outcome], now: datetime) -> str:
    """Of one change to every task of a list."""
    if "error" in listed.result:
        return _error(listed)
    if not listed.result["tasks"]:
        return f"You have no {name_list(listed.arguments, now)}."
    done = [o for o in outcomes if not o.is_pending and "error" not in o.result]
    lines = [describe(o, now) for o in outcomes if o not in done]
    if len(done) > 1 and tool in DONE:
        titles = enumerate_titles([o.result["task"]["title"] for o in done])
        lines.insert(0, f"{DONE[tool]} {len(done)} tasks: {titles}.")
    else:
        lines[:0] = [describe(o, now) for o in done]
    if listed.result.get("more") and outcomes:
        lines.append(MORE)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _added(outcome: Outcome, now: datetime) -> str:
    task = outcome.result["task"]
    return f"Added {show_title(task['title'])}{show_details(task, now)}."


def _changed_state(outcome: Outcome, now: datetime) -> str:
    title = show_title(outcome.result["task"]["title"])
    if outcome.result.get("unchanged"):
        return f"{title} {ALREADY[outcome.tool]}."
    return f"{DONE[outcome.tool]} {title}."


def _updated(outcome: Outcome, now: datetime) -> str:
    title = show_title(outcome.result["task"]["title"])
    if outcome.result.get("unchanged"):
        return f"{title} was like that already."
    return " ".join(_changes(outcome, title, now))


def _changes(outcome: Outcome, title: str, now: datetime) -> Iterator[str]:
    task, arguments = outcome.result["task"], outcome.arguments
    if "title" in arguments:
        yield f"Renamed the task to {title}."
    for field in arguments.get("clear", ()):
        yield f"{title} {CLEARED[field]}."
    if task.get("due_at") and MOVED & set(arguments):
        yield f"{title} is now due {show_time(task['due_at'], now)}."
    if "priority" in arguments:
        yield f"{title} now has {task['priority']} priority."
    if arguments.get("description"):
        yield f"Noted on {title}: {plain(task['description'])}."
    if {"tags", "add_tags", "remove_tags"} & set(arguments):
        tags = " ".join(f"#{tag}" for tag in task.get("tags", ()))
        yield f"{title} is now tagged {tags}." if tags else f"{title} has no tags any more."


def _listed(outcome: Outcome, now: datetime) -> str:
    tasks = outcome.result["tasks"]
    is_whole = not outcome.result.get("more")
    name = name_list(outcome.arguments, now, is_one=is_whole and len(tasks) == 1)
    if not tasks:
        return f"You have no {name}."
    count, first = outcome.result.get("count", len(tasks)), outcome.arguments.get("offset", 0)
    is_counted = not first and (is_whole or count > len(tasks))
    heading = (
        f"You have {count} {name}:"
        if is_counted
        else f"Your {name}:"
        if not first
        else f"Your {name}, from {first + 1} on:"
    )
    return "\n".join([heading, *_lines(outcome, now)])


def _found(outcome: Outcome, now: datetime) -> str:
    query = show_title(outcome.arguments["query"])
    if not outcome.result["tasks"]:
        return f"I found no task with {query}."
    return "\n".join([f"Tasks with {query}:", *_lines(outcome, now)])


def _lines(outcome: Outcome, now: datetime) -> list[str]:
    tasks = outcome.result["tasks"]
    lines = show_lines(tasks, now, with_state=outcome.arguments.get("status") != "completed")
    if outcome.result.get("more"):
        others = outcome.result.get("count", 0) - len(tasks)
        lines.append(f"… and {others} more." if others > 0 else "… and more.")
    return lines


def _error(outcome: Outcome) -> str:
    error = outcome.result["error"]
    name = outcome.arguments.get("task", "")
    if error["code"] == "task_not_found":
        if re.fullmatch(r"#?\d+", name):
            return f"I found no task number {name.lstrip('#')}. Say “show my tasks” to see the numbers."
        return f"I found no task {show_title(name)}. Say “show my tasks” to see them all."
    if error["code"] == "ambiguous_task":
        verb = VERBS.get(outcome.tool)
        question = f"Which one should I {verb}?" if verb else "Say it again with the number of the one you mean."
        matches = [f"{match['number']}. {plain(match['title'])}" for match in error.get("matches", ())]
        return "\n".join([f"Several tasks match {show_title(name)}. {question}", *matches])
    return f"That did not work: {plain(error['detail'])}"


TELLERS: Final[Mapping[str, Callable[[Outcome, datetime], str]]] = {
    "add_task": _added,
    "complete_task": _changed_state,
    "reopen_task": _changed_state,
    "delete_task": _changed_state,
    "update_task": _updated,
    "list_tasks": _listed,
    "search_tasks": _found,
}
