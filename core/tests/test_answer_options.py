"""What a request is told of methods and patches, and who it is told to be from."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.test import RequestFactory

from core.rest.middleware import OptionsMiddleware, RequestIdMiddleware
from core.telemetry import records

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("OPTIONS", "/static/app.js", 204, "GET, OPTIONS"),
        ("OPTIONS", "/admin/login/", 405, "GET"),
        ("PUT", "/static/app.js", 405, "GET"),
    ],
)
def test_what_knows_no_options_is_answered_for_but_not_on_the_staff_site(
    method: str, path: str, status: int, allow: str
) -> None:
    answer = OptionsMiddleware(lambda _: HttpResponseNotAllowed(["GET"]))(RequestFactory().generic(method, path))

    assert (answer.status_code, answer["Allow"]) == (status, allow)


@pytest.mark.parametrize(
    ("method", "status", "is_told"), [("PATCH", 415, True), ("POST", 415, False), ("PATCH", 400, False)]
)
def test_who_sent_another_kind_of_patch_is_told_which_are_taken(method: str, status: int, is_told: bool) -> None:
    answer = OptionsMiddleware(lambda _: HttpResponse(status=status))(RequestFactory().generic(method, "/api/auth/me"))

    assert ("Accept-Patch" in answer) is is_told


class Shown:
    """As much of a view as is looked at."""

    http_method_names = ("get", "patch", "put", "options")
    get = patch = delete = None


@pytest.mark.parametrize(
    ("known", "allow", "patches"),
    [
        # What it has and is allowed to have.
        ({}, "GET, PATCH, HEAD, OPTIONS", True),
        ({"initkwargs": {"http_method_names": ["get", "head"]}}, "GET, HEAD, OPTIONS", False),
        ({"actions": {"post": "create"}}, "POST, OPTIONS", False),
    ],
)
def test_a_view_tells_its_methods(known: dict[str, Any], allow: str, *, patches: bool) -> None:
    view = SimpleNamespace(**{"cls": Shown, "initkwargs": {}, **known})
    options = OptionsMiddleware(lambda _: HttpResponse())

    answer = options.process_view(RequestFactory().options("/api/auth/me"), view)

    assert answer is not None
    assert (answer.status_code, answer["Allow"], "Accept-Patch" in answer) == (204, allow, patches)
    assert options.process_view(RequestFactory().get("/api/auth/me"), view) is None
    assert options.process_view(RequestFactory().options("/admin/"), SimpleNamespace()) is None


def recorded(status: int = 200, **known: Any) -> records.Record:
    """Of a request that a view answered so, and which it knows so much of."""

    def view(request: HttpRequest) -> HttpResponse:
        vars(request).update(known)
        return HttpResponse(status=status)

    request = RequestFactory().get("/")
    RequestIdMiddleware(view)(request)
    record: records.Record = request.META[records.RECORD]
    return record


@pytest.mark.parametrize(
    ("status", "token", "site", "told"),
    [
        (200, "u-1", None, "u-1"),
        (403, "u-1", None, "u-1"),
        (200, None, "s-1", "s-1"),
        (200, "u-1", "s-1", "u-1"),
        (200, None, None, None),
        # Who was presented and refused may be somebody else.
        (401, "u-1", None, None),
    ],
)
def test_a_caller_is_told_by_their_token_or_the_staff_sites_session(
    status: int, token: str | None, site: str | None, told: str | None
) -> None:
    record = recorded(status, auth=SimpleNamespace(user_id=token), _cached_user=SimpleNamespace(pk=site))

    assert record.user_id == told


def test_of_a_caller_nobody_has_asked_for_nothing_is_told() -> None:
    assert recorded().user_id is None


def test_a_request_without_an_id_gets_one_of_32_letters() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", recorded().request_id)
