"""What is answered to what Django and DRF raise, and to errors that say no more than their status."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions

from core.rest import problems


def told(answer: HttpResponse | None) -> tuple[int, str]:
    assert answer is not None
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
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
    ],
)
def test_a_status_alone_has_its_code(status: int, code: str) -> None:
    assert told(problems.of_status(status)) == (status, code)


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
