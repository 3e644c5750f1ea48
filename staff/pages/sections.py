"""What a user has, a table of each kind: how many, the newest, and where the whole list is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import AuthEvent, Session, User
from staff.conversations import conversations
from staff.pages import links
from tasks.models import Entry, Kind, Task, TrashedTask, Via

NEWEST: Final = 5


class Row(NamedTuple):
    # Empty where there is nothing to go to any more.
    link: str
    cells: Sequence[Any]


class Section(NamedTuple):
    title: str
    total: int
    # Of the whole list, filtered to them; empty where there is none.
    link: str
    headings: Sequence[str]
    rows: Sequence[Row]


def owned_by(user: User) -> dict[str, int]:
    """What goes with the account."""
    return {
        "tasks": Task.objects.filter(user_id=user.id).count(),
        "in the trash": TrashedTask.objects.filter(user_id=user.id).count(),
        "sessions": Session.objects.filter(user_id=user.id).count(),
        "conversations": conversations().count(user.id),
    }


def sections(user: User) -> Iterator[Section]:
    tasks = Task.objects.filter(user_id=user.id)
    yield _section("Tasks", user, tasks.order_by("-id"), {"Title": "title", "Completed": "completed_at"})
    sessions = Session.objects.filter(user_id=user.id).order_by("-id")
    yield _section("Sessions", user, sessions, {"Address": "address", "Last seen": "last_seen_at", "Ended": "ended_at"})
    events = AuthEvent.objects.filter(subject=user.id).order_by("-created_at", "-id")
    yield _section("Events", user, events, {"Kind": "kind", "Address": "address", "Success": "success"})
    yield _conversations(user)
    yield _changes(user)


def _section(title: str, user: User, found: QuerySet[Any], columns: dict[str, str]) -> Section:
    options = found.model._meta
    page = f"admin:{options.app_label}_{options.model_name}"
    rows = [
        Row(reverse(f"{page}_change", args=[quote(row.pk)]), [row.created_at, *_cells(row, columns)])
        for row in found[:NEWEST]
    ]
    link = f"{reverse(f'{page}_changelist')}?q={user.id}"
    return Section(title, found.count(), link, ["Created", *columns], rows)


def _cells(row: Model, columns: dict[str, str]) -> list[Any]:
    return [getattr(row, name) for name in columns.values()]


def _conversations(user: User) -> Section:
    shown = conversations()
    rows = [
        Row(
            reverse("admin:accounts_user_conversation", args=[quote(user.id), talk.id]),
            [talk.created_at, talk.title, talk.updated_at],
        )
        for talk in shown.newest(user.id, limit=NEWEST)
    ]
    link = reverse("admin:accounts_user_conversations", args=[quote(user.id)])
    return Section("Conversations", shown.count(user.id), link, ["Created", "Title", "Updated"], rows)


def _changes(user: User) -> Section:
    """What was done to their tasks; of a task that is gone not even its title."""
    own = Entry.objects.filter(user_id=user.id)
    entries = list(own.order_by("-version")[:NEWEST])
    # Their versions follow each other without a gap.
    oldest = own.order_by("version").values_list("version", flat=True).first() if entries else None
    total = entries[0].version - oldest + 1 if oldest else 0
    tasks = Task.objects.filter(user_id=user.id, id__in={entry.task_id for entry in entries})
    titles = dict(tasks.values_list("id", "title"))
    names = links.names_of({entry.by for entry in entries if entry.by})
    rows = [_change(entry, titles.get(entry.task_id), names) for entry in entries]
    return Section("Changes of tasks", total, "", ["When", "Task", "What", "Fields", "By", "Through"], rows)


def _change(entry: Entry, title: str | None, names: Mapping[str, str]) -> Row:
    link = "" if title is None else reverse("admin:tasks_task_change", args=[quote(entry.task_id)])
    owner = "a command" if entry.via == Via.COMMAND else "themselves"
    by = names.get(entry.by, entry.by) if entry.by else owner
    what, door = Kind(entry.kind).label, Via(entry.via).label
    return Row(link, [entry.at, "gone" if title is None else title, what, ", ".join(entry.changes), by, door])
