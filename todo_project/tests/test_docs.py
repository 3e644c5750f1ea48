import re

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, RequestFactory

from testing.callers import Answer, Caller, in_parallel
from todo_project import docs


def test_the_document_is_openapi_31_and_names_every_operation_once(anonymous: Caller) -> None:
    document = anonymous.get("/openapi.json").json

    assert document["openapi"].startswith("3.1.")
    operations = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(operations) == len(set(operations)) > 30
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_many_ask_for_the_document_at_once_before_it_is_made() -> None:
    for _ in range(3):
        docs.make_document.cache_clear()
        answers = in_parallel([lambda: docs.openapi(RequestFactory().get("/openapi.json")) for _ in range(32)])
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1


def test_a_tasks_schema_has_exactly_the_fields_of_a_task(anonymous: Caller, alice: Caller) -> None:
    schema = anonymous.get("/openapi.json").json["components"]["schemas"]["Task"]

    assert list(schema["properties"]) == list(alice.post(alice.tasks, {"title": "x"}).json)


@pytest.mark.parametrize("path", ["/docs", "/docs/", "/redoc", "/redoc/"])
def test_the_pages_load_nothing_from_another_host(anonymous: Caller, path: str) -> None:
    answer = anonymous.get(path)
    page = answer.content.decode()

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    links = re.findall(r'<(?:script|link|img) [^>]*(?:src|href)="([^"]+)"', page)
    assert len(links) >= 3
    for link in links:
        assert link.startswith("/static/")
        assert finders.find(link.removeprefix("/static/")), link


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/admin/login/"])
def test_no_page_of_another_host_shows_them_in_a_frame(anonymous: Caller, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.headers["X-Frame-Options"] == "DENY"
    if path in ("/docs", "/redoc"):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_only_read_is_405_for_a_browser_too(path: str, method: str) -> None:
    sent = Client(enforce_csrf_checks=True).generic(method, path)

    assert isinstance(sent, HttpResponse)
    answer = Answer(sent)
    assert answer.is_problem(405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_every_pattern_is_one_of_javascript_too(anonymous: Caller) -> None:
    document = anonymous.get("/openapi.json").content.decode()

    # Python's own: in JavaScript a plain letter, or an error.
    assert "\\\\Z" not in document
    assert "\\\\A" not in document
