"""Lists as CSV (RFC 4180), which spreadsheets open: the rows that are selected, or all that a list's filters leave."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse

from accounts import security_log
from accounts.models import AuthEvent, Session, User
from accounts.security_log import Kind
from core.rest.client import Client
from core.sql.row_owner import all_rows
from core.times import format_timestamp
from staff.streams import gathered, walk_newest_first
from tasks.models import Task
from tasks.representation import PRIORITY_NAMES

# Never a hash. Of each list, in the order of the columns.
COLUMNS: Final[Mapping[type[Model], Sequence[str]]] = {
    User: ("id", "email", "name", "role", "is_active", "issuer", "created_at"),
    Task: ("id", "user_id", "title", "completed", "priority", "due_at", "tags", "created_at", "updated_at"),
    Session: ("id", "user_id", "address", "user_agent", "created_at", "last_seen_at", "expires_at", "ended_at"),
    AuthEvent: ("id", "created_at", "kind", "success", "subject", "actor", "address", "reason", "count"),
}
# What a spreadsheet would take for a formula (OWASP, "CSV Injection"); its own mark for "this is text" goes before it.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
TEXT: Final = "'"


def answer(found: QuerySet[Any], *, client: Client) -> StreamingHttpResponse:
    """An event at once, into which the number of rows is written at the end, a broken off one's too."""
    name = found.model._meta.model_name
    event = security_log.record(Kind.DATA_EXPORTED, client, subject=client.actor or "", reason=f"csv of {name}")
    counted = _counting(walk_newest_first(found), lambda rows: _note(event, rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(
        gathered(_lines(COLUMNS[found.model], counted)), content_type="text/csv; charset=utf-8", headers=headers
    )


def _lines(names: Sequence[str], rows: Iterable[Any]) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(name, getattr(row, name)) for name in names])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(name: str, value: Any) -> str:
    match value:
        case None:
            text = ""
        case datetime():
            text = format_timestamp(value)
        case bool():
            text = "true" if value else "false"
        case list():
            text = " ".join(value)
        case int() if name == "priority":
            text = PRIORITY_NAMES[value]
        case _:
            text = str(value)
    return TEXT + text if text.startswith(FORMULAS) else text


def _counting(rows: Iterable[Any], note: Callable[[int], None]) -> Iterator[Any]:
    count = 0
    try:
        for row in rows:
            count += 1
            yield row
    finally:
        note(count)


def _note(event: AuthEvent, rows: int) -> None:
    with all_rows("an export of the staff site"):
        AuthEvent.objects.filter(id=event.id).update(changes={"rows": [None, rows]})
