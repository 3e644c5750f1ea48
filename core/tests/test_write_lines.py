import logging
from datetime import UTC, datetime

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
    assert f"{lines.STATUS_COLOURS['4']}404{lines.RESET}" in lines.as_text(REQUEST, is_coloured=True)


def test_an_id_that_is_an_email_is_told_by_its_hash() -> None:
    shown = records.shown_id("ada@example.com")

    assert shown.startswith("sha256:")
    assert "ada" not in shown
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
