"""Log lines that carry the request's id and nothing a person typed."""

import fcntl
import logging
import mmap
import os
import struct
import threading
import time
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

from core.telemetry import lines

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="-")

# The logger of what every request meets while something is away.
OUTAGE: Final = "core.outage"
# Of what may last, and fails no request.
REPLICA: Final = "core.sql.replica.watching"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configuration(level: str, log_format: str) -> dict[str, Any]:
    """Django's ``LOGGING``: every line goes to stderr, from ``level`` on; ``log_format`` is ``json`` or ``text``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "core.logs.RequestIdFilter"},
            "once_a_second": {"()": "core.logs.Ration", "seconds": 1},
            "once_a_minute": {"()": "core.logs.Ration", "seconds": 60},
            "primary": {"()": "core.logs.PrimaryAlone"},
            "surprises": {"()": "core.logs.Surprises"},
        },
        "formatters": {
            "text": {
                "()": "core.logs.DiscreetFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            },
            "json": {"()": "core.logs.JSONFormatter"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["request_id"]},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would mail the admins and print the same line twice.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # It repeats each 4xx and 5xx of the access log.
            "django.request": {"level": "ERROR", "filters": ["surprises"]},
            # Three lines for each request at INFO.
            "psycopg.pool": {"level": "WARNING", "filters": ["primary", "once_a_second"]},
            OUTAGE: {"filters": ["once_a_second"]},
            REPLICA: {"filters": ["once_a_minute"]},
            # What is asked of the language model is nobody's to read; a level would not hold against OPENAI_LOG.
            "openai": {"handlers": ["nowhere"], "propagate": False},
            "httpx2": {"handlers": ["nowhere"], "propagate": False},
            "httpcore2": {"handlers": ["nowhere"], "propagate": False},
        },
    }


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class PrimaryAlone(logging.Filter):
    """What is to be told of the replica's pool is told by ``core.sql.replica``."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (isinstance(record.args, tuple) and "replica" in record.args)


class Ration(logging.Filter):
    """A line in so many seconds, of all the loggers that share it, and of all processes that were forked after it was
    made.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._last = mmap.mmap(-1, struct.calcsize("d"))
        self._threads = threading.Lock()
        # Of processes; the kernel gives it back when one of them dies.
        self._file = os.memfd_create("ration") if hasattr(os, "memfd_create") else None

    def filter(self, record: logging.LogRecord) -> bool:
        with self._threads:
            try:
                if self._file is not None:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # Another is about to write one.
                return False
            try:
                self._flatten(record)
                return self._is_due()
            finally:
                if self._file is not None:
                    fcntl.lockf(self._file, fcntl.LOCK_UN)

    def forget(self) -> None:
        """Starts afresh, as a new process does."""
        struct.pack_into("d", self._last, 0, 0.0)

    def _is_due(self) -> bool:
        now = time.monotonic()
        last = struct.unpack_from("d", self._last)[0]
        # Zero: none yet. The clock begins with the machine.
        if last and now - last < self._seconds:
            return False
        struct.pack_into("d", self._last, 0, now)
        return True

    @staticmethod
    def _flatten(record: logging.LogRecord) -> None:
        """libpq tells of a server that is away in three lines."""
        record.msg, record.args = " ".join(record.getMessage().split()), None


class Surprises(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


class DiscreetFormatter(logging.Formatter):
    """Prints tracebacks without the exceptions' messages.

    A driver's message quotes the row ("Key (email)=(...) already exists"), a parser's the input.
    What stays says where and what: the frames, the exception's type, PostgreSQL's SQLSTATE.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's own name
        return lines.shown(lines.time_of(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return lines.coloured(super().formatMessage(record), record.levelname)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            kind = type(error)
            state = getattr(error, "sqlstate", None)
            lines.append(f"{kind.__module__}.{kind.__qualname__}{f' (SQLSTATE {state})' if state else ''}")
            lines.extend(line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
            if error is not None:
                lines.append("caused by")
        return "\n".join(lines)


class JSONFormatter(DiscreetFormatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": lines.time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "pid": record.process,
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return lines.as_json(fields)
