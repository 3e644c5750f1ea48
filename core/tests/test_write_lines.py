import logging
from datetime import UTC, datetime
from io import StringIO

import orjson
import pytest

from core import logs
from core.telemetry import lines, records

pytestmark = pytest.mark.once

REQUEST = {
    "time": datetime(2026, 1, 14, 10, 0, 0, 123456, tzinfo=UTC), "method": "GET", "route": "/api/{user_id}/tasks",
    "status": 404, "code": "not_found", "ms": 3.1, "sql": 2, "sql_ms": 0.8, "user_id": "u-1", "address": "127.0.0.1",
    "request_id": "r-1", "pid": 7,
}  # fmt: skip


def test_a_request_is_one_line_for_people() -> None:
    expected = "2026-01-14T10:00:00.123Z GET /api/{user_id}/tasks 404 not_found 3.1ms "

    told = lines.as_text(REQUEST, is_coloured=False)
    assert told == expected + "sql=2/0.8ms user=u-1 127.0.0.1 [r-1] pid=7"
    for status in (204, 304, 401, 503):
        coloured = f" {lines.STATUS_COLOURS[str(status)[0]]}{status}{lines.RESET} "
        assert coloured in lines.as_text(REQUEST | {"status": status}, is_coloured=True)


def test_what_is_not_known_of_a_request_is_a_dash() -> None:
    unknown = REQUEST | dict.fromkeys(("method", "route", "user_id", "address"), "") | {"status": 200, "code": None}

    told = lines.as_text(unknown, is_coloured=False)

    assert told == "2026-01-14T10:00:00.123Z - - 200 3.1ms sql=2/0.8ms user=- - [r-1] pid=7"


@pytest.mark.parametrize("name", ["openai", "openai._base_client", "httpx2", "httpcore2.http11"])
def test_what_is_asked_of_the_language_model_is_in_no_log(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    written = StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(written)])

    logging.getLogger(name).error("what somebody wrote")
    logging.getLogger("core").error("what went wrong")

    assert written.getvalue() == "what went wrong\n"


def test_an_id_that_is_an_email_is_told_by_its_hash() -> None:
    shown = records.shown_id("ada@example.com")

    # As ``printf ada@example.com | sha256sum`` tells its beginning.
    assert shown == "sha256:b5fc85e55755f9e0"
    assert records.shown_id("auth0|123") == "auth0|123"


def test_a_traceback_in_json_has_no_message_of_an_exception() -> None:
    words = "secret"
    try:
        int(words)
    except ValueError as error:
        raised = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("app", logging.ERROR, "", 0, "It %s", ("failed",), raised)
    told = logs.JSONFormatter().format(record)

    assert orjson.loads(told)["message"] == "It failed"
    assert orjson.loads(told)["exception"].startswith("builtins.ValueError\n  File")
    assert "\n" not in told
    assert "secret" not in told


class Locked(Exception):
    sqlstate = "55P03"


def told_of(error: BaseException) -> list[str]:
    told = logs.DiscreetFormatter().formatException((type(error), error, None))
    return [line for line in told.splitlines() if not line.startswith(" ")]


def test_a_traceback_goes_back_to_the_first_cause() -> None:
    middle, last = KeyError("b"), ValueError("c")
    middle.__cause__ = Locked("a")
    last.__context__ = middle
    first = f"{__name__}.Locked (SQLSTATE 55P03)"

    assert told_of(last) == ["builtins.ValueError", "caused by", "builtins.KeyError", "caused by", first]

    # As by ``raise ... from None``.
    last.__suppress_context__ = True
    assert told_of(last) == ["builtins.ValueError"]


@pytest.mark.parametrize(
    ("is_terminal", "no_colour", "expected"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colours_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, no_colour: str, expected: bool
) -> None:
    class Stream:
        def isatty(self) -> bool:
            return is_terminal

    monkeypatch.setenv("NO_COLOR", no_colour)
    assert lines.are_coloured(Stream()) is expected


def test_what_django_tells_is_in_the_log_but_for_each_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(written)])

    logging.getLogger("django.security.csrf").error("odd")
    logging.getLogger("django.request").error("refused")

    assert written.getvalue() == "odd\n"


@pytest.mark.parametrize("name", ["asyncio", "concurrent.futures", "core", "django"])
def test_no_logger_is_silenced_because_it_was_there_before(name: str) -> None:
    there = {name, *(each for each in logging.root.manager.loggerDict if each.startswith(f"{name}."))}

    assert not [each for each in there if logging.getLogger(each).disabled]
