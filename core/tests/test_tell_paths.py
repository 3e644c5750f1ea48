"""What the middleware makes of a request's path."""

import pytest
from django.http import HttpResponse, HttpResponseNotAllowed
from django.test import RequestFactory

from core.rest.middleware import ProblemMiddleware, TrailingSlashMiddleware

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/api/auth/me", "/api/auth/me"),
        ("/api/auth/me/", "/api/auth/me"),
        ("/api/auth/me//", "/api/auth/me/"),
        ("/", "/"),
        ("//", "//"),
        ("/admin", "/admin/"),
        ("/admin/tasks/", "/admin/tasks/"),
        ("/static/admin/", "/static/admin/"),
    ],
)
def test_a_path_of_the_api_is_the_same_with_a_slash_at_its_end(path: str, served: str) -> None:
    request = RequestFactory().get("/")
    request.path_info = path

    TrailingSlashMiddleware(lambda _: HttpResponse())(request)

    assert request.path_info == served


@pytest.mark.parametrize(("path", "code"), [("/admin/tasks/", None), ("/static/app.js", "method_not_allowed")])
def test_what_is_refused_on_the_staff_site_stays_a_page(path: str, code: str | None) -> None:
    refused = ProblemMiddleware(lambda _: HttpResponseNotAllowed(["GET"]))(RequestFactory().put(path))

    assert (refused.status_code, refused["Allow"], getattr(refused, "code", None)) == (405, "GET", code)
