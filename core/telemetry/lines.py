"""Lines of the log: JSON, one object each, or text for people, in colours where somebody looks."""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

RESET: Final = "\x1b[0m"
DIM: Final = "\x1b[2m"
# Of a status' first digit.
STATUS_COLOURS: Final = {"2": "\x1b[32m", "3": "\x1b[36m", "4": "\x1b[33m", "5": "\x1b[31m"}
LEVEL_COLOURS: Final = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[1;31m"}


def as_json(fields: Mapping[str, Any]) -> str:
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z, default=str).decode()


def as_text(request: Mapping[str, Any], *, is_coloured: bool) -> str:
    """The line of a request."""
    status = str(request["status"])
    rest = (
        f"sql={request['sql']}/{request['sql_ms']}ms user={request['user_id'] or '-'} {request['address'] or '-'} "
        f"[{request['request_id']}] pid={request['pid']}"
    )
    if is_coloured:
        status, rest = f"{STATUS_COLOURS.get(status[0], '')}{status}{RESET}", f"{DIM}{rest}{RESET}"
    code = f" {request['code']}" if request["code"] else ""
    what = f"{request['method'] or '-'} {request['route'] or '-'}"
    return f"{shown(request['time'])} {what} {status}{code} {request['ms']}ms {rest}"


def are_coloured(stream: Any) -> bool:
    """As https://no-color.org has it."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def time_of(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def shown(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def coloured(line: str, level: str) -> str:
    colour = LEVEL_COLOURS.get(level) if are_coloured(sys.stderr) else None
    return f"{colour}{line}{RESET}" if colour else line
