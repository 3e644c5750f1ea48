"""What is told of one request once it is over: in its line of the log, in the metrics, in a trace.

On the way of every request, so it is kept cheap: nothing is formatted before the answer has been sent.
"""

import hashlib
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from core.telemetry.traces import Trace

# In the WSGI environment, where the server finds it.
RECORD: Final = "todo.record"
# When the request was whole, by ``time.monotonic()``; the server's.
ARRIVED: Final = "todo.arrived"


class Record:
    """``route`` is a template, never the path. ``statements`` are those of all threads that serve the request."""

    __slots__ = ("code", "request_id", "route", "statement_seconds", "statements", "texts", "trace", "user_id")

    def __init__(self, request_id: str, trace: Trace) -> None:
        self.request_id = request_id
        self.trace = trace
        self.route: str | None = None
        self.user_id: str | None = None
        # Of the problem that was answered.
        self.code: str | None = None
        self.statements = 0
        self.statement_seconds = 0.0
        # Each statement, without its values, with its beginning and end by ``time.time()``; None: nobody reads them.
        self.texts: list[tuple[str, float, float]] | None = [] if keeps_texts else None


# For traces alone.
keeps_texts = False
_current: Final[ContextVar[Record | None]] = ContextVar("record", default=None)


def begin(record: Record) -> None:
    _current.set(record)


def current() -> Record | None:
    """Of the request that this thread serves, or has served last."""
    return _current.get()


def keep_texts() -> None:
    global keeps_texts
    keeps_texts = True


def shown_id(user_id: str) -> str:
    """A user id as it may be told. That of another issuer may be an email."""
    return f"sha256:{hashlib.sha256(user_id.encode()).hexdigest()[:16]}" if "@" in user_id else user_id


def note_statement(sql: str, begun: float) -> None:
    """``begun`` by ``time.perf_counter()``."""
    record = _current.get()
    if record is None:
        return
    seconds = time.perf_counter() - begun
    record.statements += 1
    record.statement_seconds += seconds
    if record.texts is not None:
        now = time.time()
        record.texts.append((sql, now - seconds, now))


def count_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """One of Django's ``execute_wrappers``."""
    begun = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        note_statement(sql, begun)


def count_statements(connection: Any, **_: Any) -> None:
    """Receives Django's ``connection_created``."""
    if count_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_statement)
