"""Whether requests should be sent here: a look at each part, which is over in two seconds whatever hangs."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core import logs
from core.sql import deadline
from core.sql.replica import watching
from core.sql.replica.watching import BEHIND
from todo_project import row_security
from todo_project.server import departure

outages = logging.getLogger(logs.OUTAGE)

# For all that is in the database together.
DATABASE_SECONDS: Final = 1.2
OK: Final = "ok"
FAILED: Final = "failed"
OFF: Final = "off"
READ_ONLY: Final = "read_only"
# A standby's too.
MAY_ONLY_READ: Final = "SELECT current_setting('transaction_read_only')::boolean"


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(MAY_ONLY_READ)
            return READ_ONLY if cursor.fetchone()[0] else OK
        cursor.execute("SELECT 1")
    file = Path(connection.settings_dict["NAME"])
    return READ_ONLY if file.exists() and not os.access(file, os.W_OK) else OK


def _migrations() -> str:
    missing = _known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return FAILED if missing else OK


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those of the code, read once: they change with the process alone."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _row_security() -> str:
    state = row_security.state()
    if state == row_security.UNHEARD:
        outages.warning("Not ready: row_security (%s)", row_security.WARNINGS[state])
        return FAILED
    return OK if state == row_security.ON else OFF


def _cache() -> str:
    shared_cache.set("health", "ok", 5)
    return OK if shared_cache.get("health") == "ok" else FAILED


def _mail() -> str:
    """Where it is off, so is account recovery."""
    return OK if settings.MAIL_IS_ON else OFF


IN_DATABASE: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "migrations": _migrations,
    "row_security": _row_security,
}
ELSEWHERE: Final[dict[str, Callable[[], str]]] = {"cache": _cache, "mail": _mail}
if watching.is_set():
    ELSEWHERE["replica"] = watching.watch.state


@dataclass(slots=True)
class Report:
    checks: dict[str, str] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)
    is_draining: bool = False

    @property
    def status(self) -> str:
        if self.is_draining:
            return "draining"
        if FAILED in (self.checks[name] for name in IN_DATABASE):
            return "unavailable"
        # Tasks are served, or read, all the same: without this instance there would be less.
        return "degraded" if {FAILED, READ_ONLY, BEHIND} & set(self.checks.values()) else "ready"

    @property
    def is_ready(self) -> bool:
        return self.status in ("ready", "degraded")


_lock: Final = threading.Lock()
_last: Report = Report()
_last_at: float = 0.0


def look(asked: float) -> Report:
    """What was found since ``asked``, by ``time.monotonic()``: of many who ask at once one looks."""
    global _last, _last_at
    with _lock:
        if _last_at < asked:
            _last = _look()
            _last_at = time.monotonic()
        return _last


def _look() -> Report:
    report = Report(is_draining=departure.is_announced())
    with deadline.within(DATABASE_SECONDS):
        for name, check in IN_DATABASE.items():
            # Without the database there is no second wait for what is in it.
            is_hopeless = report.checks.get("database") == FAILED
            note(report, name, (lambda: FAILED) if is_hopeless else check)
    for name, check in ELSEWHERE.items():
        note(report, name, check)
    return report


def note(report: Report, name: str, check: Callable[[], str]) -> None:
    begun = time.perf_counter()
    try:
        report.checks[name] = check()
    except Exception as error:  # noqa: BLE001 - whatever a part fails with, it is not ready
        outages.warning("Not ready: %s (%s)", name, type(error).__qualname__)
        report.checks[name] = FAILED
    report.milliseconds[name] = round(1000 * (time.perf_counter() - begun), 1)
