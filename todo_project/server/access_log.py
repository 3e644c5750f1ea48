"""One line a request, of those the server refuses by itself too. No path, query, header or body: they hold people's
words, addresses and tokens.
"""

import logging
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gunicorn import glogging

from core import logs
from core.telemetry import lines, metrics, records
from core.telemetry.records import ARRIVED, RECORD, Record
from todo_project.server import tracing

REQUESTS: Final = metrics.Counter(
    "todo_http_requests_total", "Requests that were answered.", "method", "route", "status"
)
SECONDS: Final = metrics.Histogram(
    "todo_http_request_duration_seconds", "From a whole request to the end of its answer.", "method", "route", "status"
)
LIMITS: Final = metrics.Counter("todo_limits_hit_total", "Requests refused by a limit, a cap or a budget.", "limit")

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Beside what is 429.
CAPS: Final = frozenset({"quota_exceeded"})
# In place of a code, which the staff site's pages have none of.
STAFF_SITE: Final = "staff_site"
# Of what never came to a view.
NOWHERE: Final = "none"
_access: Final = logging.getLogger("gunicorn.access")


class Logger(glogging.Logger):  # type: ignore[misc] # gunicorn is untyped
    is_json = False

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.is_coloured = not self.is_json and cfg.accesslog == "-" and lines.are_coloured(sys.stdout)
        if self.is_json:
            for handler in self.error_log.handlers:
                handler.setFormatter(logs.JSONFormatter())

    def debug(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Without those that quote what was sent: the path of each request, and what was no request."""
        if not args:
            super().debug(msg, **kwargs)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        seconds = time.monotonic() - environ[ARRIVED] if ARRIVED in environ else request_time.total_seconds()
        method = environ["REQUEST_METHOD"]
        self.tell(
            environ.get(RECORD),
            method=method if method in METHODS else "OTHER",
            # None: it failed before it had begun to answer.
            status=resp.status_code or 500,
            seconds=seconds,
            size=resp.sent,
            address=environ.get("REMOTE_ADDR"),
        )

    def tell(
        self, record: Record | None, *, method: str | None, status: int, seconds: float, size: int, address: str | None
    ) -> None:
        """``record``: None where the application was not asked."""
        count(record, method, status, seconds)
        tracing.tell(record, method, status, seconds)
        if not self.access_log_enabled:
            return
        fields = {
            "time": datetime.now(UTC),
            "level": "error" if status >= 500 else "info",
            "logger": "access",
            "method": method,
            "route": record and record.route,
            "status": status,
            "code": record and record.code,
            "ms": round(seconds * 1000, 1),
            "sql": record.statements if record else 0,
            "sql_ms": round(record.statement_seconds * 1000, 1) if record else 0.0,
            "bytes": size,
            "user_id": records.shown_id(record.user_id) if record and record.user_id else None,
            "address": address,
            "request_id": record.request_id if record else logs.request_id.get(),
            "traceparent": record and record.trace.header,
            "pid": os.getpid(),
        }
        self._write(fields)

    def _write(self, fields: Mapping[str, Any]) -> None:
        line = lines.as_json(fields) if self.is_json else lines.as_text(fields, is_coloured=self.is_coloured)
        # Without a look at who called, which ``info`` would take.
        _access.handle(logging.LogRecord(_access.name, logging.INFO, "", 0, line, None, None))


class JSONLogger(Logger):
    is_json = True


def count(record: Record | None, method: str | None, status: int, seconds: float) -> None:
    if not metrics.are_on():
        return
    code, route = (record.code, record.route) if record else (None, None)
    labels = (method or NOWHERE, route or NOWHERE, str(status))
    REQUESTS.count(*labels)
    SECONDS.observe(seconds, *labels)
    if status == 429 or code in CAPS:
        LIMITS.count(code or STAFF_SITE)
