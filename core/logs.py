"""Log lines that carry the request's id and nothing a person typed."""

import logging
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Final

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="-")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """Prints tracebacks without the exceptions' messages.

    A driver's message quotes the row ("Key (email)=(...) already exists"), a parser's the input.
    What stays says where and what: the frames, the exception's type, PostgreSQL's SQLSTATE.
    """

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
