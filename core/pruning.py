"""What is no longer needed goes: by ``manage.py prune``, and once a day by the service itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import DailyRun
from core.sql.row_owner import all_rows
from core.sql.statements import bind

CLAIM = """
    INSERT INTO core_dailyrun AS last (name, due_at) VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET due_at = EXCLUDED.due_at WHERE last.due_at < EXCLUDED.due_at
    RETURNING name
"""


def prune() -> Iterator[tuple[str, int]]:
    """Deletes each app's own; what, and how many rows of it."""
    now = timezone.now()
    for path in settings.PRUNERS:
        with all_rows("prune"):
            deleted = import_string(path)(now)
        yield from deleted.items()


def last_due(at: time, now: datetime) -> datetime:
    """When it was to run last, at that time of a day in UTC."""
    today = datetime.combine(now.astimezone(UTC), at, UTC)
    return today if today <= now else today - timedelta(days=1)


def claim(due_at: datetime) -> bool:
    """True to one caller, of all processes and machines."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, ["prune", bind(DailyRun, "due_at", due_at)])
        return cursor.fetchone() is not None
