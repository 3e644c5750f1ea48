"""What is answered to what Django and DRF raise, and to errors that say no more than their status."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import (
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions

from core import errors
from core.rest import problems
from core.rest.titles import title_of


def told(answer: HttpResponse | None) -> tuple[int, str]:
    assert answer is not None
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert problem["message"] == problem["detail"] != ""
    return answer.status_code, problem["code"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (401, "not_authenticated"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "method_not_allowed"),
        (406, "not_acceptable"),
        (408, "request_timeout"),
        (411, "bad_request"),
        (413, "body_too_large"),
        (414, "uri_too_long"),
        (415, "unsupported_media_type"),
        (429, "throttled"),
        (431, "headers_too_large"),
        (500, "server_error"),
        (503, "unavailable"),
    ],
)
def test_a_status_alone_has_its_code(status: int, code: str) -> None:
    answer = problems.of_status(status)

    assert told(answer) == (status, code)
    assert json.loads(answer.content)["detail"] == errors.SENTENCES[code]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Http404(), (404, "not_found")),
        (PermissionDenied(), (403, "forbidden")),
        (RequestDataTooBig(), (413, "body_too_large")),
        (exceptions.MethodNotAllowed("PUT"), (405, "method_not_allowed")),
        (exceptions.ParseError(code="malformed_json"), (400, "malformed_json")),
        (exceptions.UnsupportedMediaType("text/csv"), (415, "unsupported_media_type")),
        (exceptions.Throttled(), (429, "throttled")),
    ],
)
def test_what_django_and_drf_raise_is_a_problem(error: Exception, expected: tuple[int, str]) -> None:
    assert told(problems.handle(error, {})) == expected


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (errors.Malformed("malformed_json"), 400, {}),
        (errors.Unauthenticated("token_expired"), 401, {"WWW-Authenticate": "Bearer"}),
        (
            errors.InsufficientScope(["tasks:write", "chat"]),
            403,
            {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="chat tasks:write"'},
        ),
        (errors.InsufficientScope([]), 403, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}),
        (errors.NotFound("task_not_found"), 404, {}),
        (errors.Conflict("last_admin"), 409, {}),
        (errors.Gone("changes_expired"), 410, {}),
        (errors.PreconditionFailed("precondition_failed"), 412, {}),
        (errors.Invalid("wrong_password", field="password"), 422, {}),
        (
            errors.TooManyRequests("throttled", limit=5, retry_after_seconds=9),
            429,
            {"Retry-After": "9", "RateLimit-Limit": "5", "RateLimit-Remaining": "0", "RateLimit-Reset": "9"},
        ),
        (errors.BadGateway("model_failed"), 502, {}),
        (errors.Unavailable("chat_busy"), 503, {"Retry-After": "5"}),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_each_kind_of_our_own_has_its_status_and_headers(
    error: errors.DomainError, status: int, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = problems.handle(error, {})

    assert told(answer) == (status, error.code)
    assert answer is not None
    assert {name: value for name, value in answer.headers.items() if name != "Content-Type"} == headers
    assert json.loads(answer.content)["detail"] == str(error) == error.message
    # What is away is told to who runs the service, all else to the client alone.
    assert caplog.messages == (["Unavailable: Unavailable"] if status == 503 else [])


def test_what_is_at_fault_is_named() -> None:
    def faults(error: errors.DomainError) -> list[tuple[str, str]]:
        answer = problems.handle(error, {})
        assert answer is not None
        return [(each["field"], each["detail"]) for each in json.loads(answer.content)["errors"]]

    assert faults(errors.Invalid("invalid", "No.", field="name")) == [("name", "No.")]
    assert faults(errors.Conflict("changed_since", "Late.", faults={"1": "a", "2": "b"})) == [("1", "a"), ("2", "b")]
    assert faults(errors.Invalid("invalid", "No.")) == []


class Refused(Exception):
    """A driver's."""

    def __init__(self, **told: str) -> None:
        vars(self).update(told)


def failed(kind: type[Exception], **told: str) -> Exception:
    error = kind("what the row said")
    error.__cause__ = Refused(**told)
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (failed(OperationalError), "unavailable"),
        (failed(InterfaceError), "unavailable"),
        (OperationalError(), "unavailable"),
        (failed(OperationalError, sqlstate="57P03"), "unavailable"),
        (failed(InternalError, sqlstate="25006"), "read_only"),
        (failed(OperationalError, sqlite_errorname="SQLITE_READONLY"), "read_only"),
        (failed(ProgrammingError, sqlstate="42P01"), "not_migrated"),
        (failed(NotSupportedError, sqlstate="0A000"), "unavailable"),
        (failed(ProgrammingError, sqlstate="42601"), None),
        (failed(IntegrityError, sqlstate="23505"), None),
        (KeyError("x"), None),
    ],
)
def test_a_database_that_is_at_fault_is_503_and_a_statement_is_not(error: Exception, code: str | None) -> None:
    answer = problems.handle(error, {})

    assert (told(answer) if answer else None) == (code and (503, code))
    assert answer is None or answer["Retry-After"] == "5"


def test_outside_the_api_an_outage_is_a_page() -> None:
    page, api = (RequestFactory().get(path) for path in ("/admin/tasks/", "/api/auth/me"))
    away = failed(OperationalError)

    assert told(problems.on_outage(api, away)) == (503, "unavailable")
    shown = problems.on_outage(page, away)
    assert shown is not None
    assert (shown.status_code, shown["Retry-After"], shown["Content-Type"]) == (503, "5", "text/html; charset=utf-8")
    assert problems.on_outage(page, KeyError("x")) is problems.on_outage(api, KeyError("x")) is None


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (lambda request: problems.on_403(request, PermissionDenied()), 403, "forbidden"),
        (lambda request: problems.on_404(request, Http404()), 404, "not_found"),
        (problems.on_500, 500, "server_error"),
    ],
)
def test_what_django_refuses_is_a_page_on_the_staff_site_alone(
    answer: Callable[[HttpRequest], HttpResponse], status: int, code: str
) -> None:
    page = answer(RequestFactory().get("/admin/tasks/"))

    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert told(answer(RequestFactory().get("/api/tasks"))) == (status, code)


def test_what_nobody_expected_is_left_to_django() -> None:
    assert problems.handle(KeyError("x"), {}) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [(RequestDataTooBig(), (413, "body_too_large")), (SuspiciousOperation(), (400, "bad_request"))],
)
def test_what_is_raised_before_a_view_is_a_problem_too(error: Exception, expected: tuple[int, str]) -> None:
    assert told(problems.on_400(RequestFactory().get("/api/auth/me"), error)) == expected


@pytest.mark.parametrize(
    ("detail", "code", "sentence"),
    [
        (["No.", "Never."], "invalid", "No."),
        ([exceptions.ErrorDetail("Not one of this list.", "invalid_cursor"), "No."], "invalid_cursor", None),
        ([exceptions.ErrorDetail("No.", "no_code_of_ours")], "invalid", "No."),
    ],
)
def test_input_that_is_wrong_as_a_whole_has_the_first_reasons_words(
    detail: Any, code: str, sentence: str | None
) -> None:
    answer = problems.handle(exceptions.ValidationError(detail), {})

    assert told(answer) == (422, code)
    assert answer is not None
    assert json.loads(answer.content)["detail"] == (sentence or "Not one of this list.")
    assert json.loads(answer.content)["errors"] == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("status", "title"),
    [
        (404, "Not Found"),
        (413, "Request Entity Too Large"),
        (414, "Request-URI Too Long"),
        (416, "Requested Range Not Satisfiable"),
        (422, "Unprocessable Entity"),
    ],
)
def test_a_title_is_the_same_with_every_python(status: int, title: str) -> None:
    assert title_of(status) == title
