"""How tasks and times are put into words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

Task = Mapping[str, Any]

# Names of our own: those of strftime follow the process's locale.
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# How a due time without one is kept: the day's last minute.
END_OF_DAY: Final = (23, 59)


DATED: Final[Mapping[bool | None, str]] = {True: "with a due date", False: "without a due date"}


def show_title(text: str) -> str:
    """On one line, so that no title can look like a line of ours."""
    return f"“{plain(text)}”"


def plain(text: str) -> str:
    return " ".join(text.split())


def show_day(day: datetime, now: datetime) -> str:
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if day.year == now.year else f"{words} {day.year}"


def show_time(instant: str, now: datetime) -> str:
    """An RFC 3339 instant on the person's clock."""
    local = read_instant(instant, now.tzinfo)
    day = show_day(local, now)
    return day if (local.hour, local.minute) == END_OF_DAY else f"{day} at {local:%H:%M}"


def read_instant(instant: str, zone: tzinfo | None) -> datetime:
    return datetime.fromisoformat(instant).astimezone(zone)


def show_details(task: Task, now: datetime, *, with_state: bool = False) -> str:
    """ " (due ..., high) #home", or nothing."""
    details = [
        f"due {show_time(task['due_at'], now)}" if task.get("due_at") else "",
        task["priority"] if task.get("priority", "medium") != "medium" else "",
        "completed" if with_state and task.get("completed") else "",
    ]
    said = ", ".join(detail for detail in details if detail)
    return (f" ({said})" if said else "") + "".join(f" #{tag}" for tag in task.get("tags", ()))


def show_lines(tasks: Sequence[Task], now: datetime, *, with_state: bool) -> list[str]:
    return [
        f"{task['number']}. {plain(task['title'])}{show_details(task, now, with_state=with_state)}" for task in tasks
    ]


def enumerate_titles(titles: Sequence[str]) -> str:
    shown = [show_title(title) for title in titles]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def name_list(arguments: Mapping[str, Any], now: datetime, *, is_one: bool = False) -> str:
    """What a list holds: "pending high priority tasks tagged #home due Friday 27 November"."""
    is_overdue = arguments.get("due_before") == now.isoformat(timespec="seconds")
    words = [
        "overdue" if is_overdue else arguments.get("status", "all").replace("all", ""),
        f"{arguments['priority']} priority" if "priority" in arguments else "",
        "task" if is_one else "tasks",
        f"tagged {' '.join(f'#{tag}' for tag in arguments['tags'])}" if arguments.get("tags") else "",
        f"with “{arguments['query']}”" if arguments.get("query") else "",
        DATED.get(arguments.get("has_due_at"), ""),
        "" if is_overdue else _name_range(arguments, now),
    ]
    return " ".join(word for word in words if word)


def _name_range(arguments: Mapping[str, Any], now: datetime) -> str:
    after, before = arguments.get("due_after"), arguments.get("due_before")
    first = show_day(read_instant(after, now.tzinfo), now) if after else ""
    last = show_day(read_instant(before, now.tzinfo) - timedelta(minutes=1), now) if before else ""
    if first and last:
        return f"due {first}" if first == last else f"due {first} to {last}"
    return f"due by {last}" if last else f"due from {first} on" if first else ""
