"""What is kept of one person, as JSON: for those who ask for their data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
from django.db.models import Model

from accounts import security_log
from accounts.models import AuthEvent, PersonalToken, Session, User
from accounts.security_log import Kind
from core.rest.client import Client
from core.sql.row_owner import all_rows
from staff import reading
from staff.conversations import conversations
from staff.streams import gathered, walk
from tasks.journal.history import represent_entry
from tasks.models import Entry, Task, TrashedTask
from tasks.representation import PRIORITY_NAMES

USER: Final = ("id", "email", "email_verified", "name", "issuer", "role", "is_active", "created_at", "updated_at")
TASK: Final = ("id", "title", "description", "completed_at", "priority", "due_at", "tags", "created_at", "updated_at")
# Not the hashes.
SESSION: Final = ("id", "address", "user_agent", "created_at", "last_seen_at", "expires_at", "ended_at")
TOKEN: Final = ("id", "name", "scopes", "created_at", "last_used_at", "expires_at")
EVENT: Final = ("kind", "success", "reason", "address", "user_agent", "created_at")
TALK: Final = ("id", "title", "created_at", "updated_at")
SAID: Final = ("role", "content", "created_at")


def export_user(user: User, staff: User, *, client: Client) -> Iterator[bytes]:
    """An event at once. What was said to the assistant goes along only if this member of the staff may read it."""
    may_read = reading.may_read(staff)
    security_log.record(Kind.DATA_EXPORTED, client, subject=user.id, reason="with_texts" if may_read else "")
    return gathered(_document(user, _parts(user.id, may_read)))


def _parts(user_id: str, may_read: bool) -> Mapping[str, Iterable[Mapping[str, Any]]]:
    return {
        "tasks": map(_task, walk(Task.objects.filter(user_id=user_id))),
        "trash": map(_trashed, walk(TrashedTask.objects.filter(user_id=user_id))),
        "history": map(_entry, walk(Entry.objects.filter(user_id=user_id), "version")),
        "sessions": (_plain(row, SESSION) for row in walk(Session.objects.filter(user_id=user_id))),
        "personal_tokens": (_plain(row, TOKEN) for row in walk(PersonalToken.objects.filter(user_id=user_id))),
        "events": (_plain(row, EVENT) for row in walk(AuthEvent.objects.filter(subject=user_id))),
        "conversations": _talks(user_id, may_read),
    }


def _document(user: User, parts: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[str]:
    yield f'{{"user":{_text(_plain(user, USER))}'
    for name, rows in parts.items():
        yield f',\n"{name}":['
        comma = ""
        for row in rows:
            yield f"{comma}\n{_text(row)}"
            comma = ","
        yield "]"
    yield "}\n"


def _text(row: Mapping[str, Any]) -> str:
    return orjson.dumps(row, option=orjson.OPT_UTC_Z).decode()


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _task(row: Model) -> dict[str, Any]:
    fields = _plain(row, TASK)
    return {**fields, "priority": PRIORITY_NAMES[fields["priority"]]}


def _trashed(row: TrashedTask) -> dict[str, Any]:
    return {**_task(row), "deleted_at": row.deleted_at}


def _entry(row: Entry) -> dict[str, Any]:
    return {"task_id": row.task_id, **represent_entry(row)}


def _talks(user_id: str, may_read: bool) -> Iterator[dict[str, Any]]:
    with all_rows("an export of the staff site"):
        # As many as one person may have, and their titles are short.
        talks = list(conversations().newest(user_id, limit=None))
    for talk in talks:
        yield {**_plain(talk, TALK), **({"messages": _said(user_id, talk.id)} if may_read else {})}


def _said(user_id: str, talk_id: int) -> list[dict[str, Any]]:
    with all_rows("an export of the staff site"):
        return [_plain(said, SAID) for said in conversations().read(user_id, talk_id)]
