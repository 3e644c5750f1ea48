"""What clients may say about the form of bodies and answers, and ask about methods."""

import gzip

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from assistant.streams import EventStreamRenderer
from core.rest.json import JSONRenderer, WeighedNegotiation
from tasks.models import Task
from testing.callers import Caller

UNKNOWN = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream;q=0.5, application/json", "application/json"),
        ("application/json;q=0.5, text/event-stream", "text/event-stream"),
        ("application/json;q=0.9, text/event-stream;q=0.8", "application/json"),
        ("text/event-stream;q=0, */*", "application/json"),
        ("text/event-stream; q=0.1, */*;q=0.5", "application/json"),
        ("text/*;q=0.2, application/*;q=0.1", "text/event-stream"),
        ("text/event-stream, */*", "text/event-stream"),
        ("text/event-stream, application/json", "application/json"),
        ("APPLICATION/JSON;charset=utf-8;Q=0.4, text/event-stream;q=0.3", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_form_that_weighs_most_is_sent(accept: str, kind: str) -> None:
    request = Request(RequestFactory().get("/", headers={"Accept": accept}))

    chosen = WeighedNegotiation().select_renderer(request, [JSONRenderer(), EventStreamRenderer()])

    assert (type(chosen[0]).media_type, chosen[1]) == (kind, kind)


@pytest.mark.parametrize(
    "accept", ["application/json;q=0", "application/json;q=0, */*", "*/*;q=0.0", "application/*;q=0"]
)
def test_what_weighs_nothing_is_not_sent(alice: Caller, accept: str) -> None:
    assert alice.get(alice.tasks, Accept=accept).is_problem(406, "not_acceptable")


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP", "x-gzip", "gzip, gzip"])
def test_a_compressed_body_is_415_and_stores_nothing(alice: Caller, coding: str) -> None:
    answer = alice.send("POST", alice.tasks, gzip.compress(b'{"title": "x"}'), Content_Encoding=coding)

    assert answer.is_problem(415, "unsupported_encoding")
    assert answer.headers["Accept-Encoding"] == "identity"
    assert not Task.objects.filter(user_id=alice.id).exists()


def test_identity_and_no_body_are_not_compressed(alice: Caller) -> None:
    assert alice.post(alice.tasks, {"title": "x"}, Content_Encoding="identity").status == 201
    assert alice.get(alice.tasks, Content_Encoding="gzip").status == 200


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/alice/tasks", {"GET", "HEAD", "POST", "OPTIONS"}),
        (f"/api/alice/tasks/{UNKNOWN}", {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        (f"/api/alice/tasks/{UNKNOWN}/toggle/", {"PATCH", "OPTIONS"}),
        ("/api/auth/login", {"POST", "OPTIONS"}),
        ("/api/auth/me", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
        ("/health", {"GET", "HEAD", "OPTIONS"}),
        ("/health/ready", {"GET", "HEAD", "OPTIONS"}),
        ("/openapi.json", {"GET", "HEAD", "OPTIONS"}),
        ("/docs", {"GET", "HEAD", "OPTIONS"}),
        ("/static/docs/redoc.js", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_names_the_methods_to_anybody(anonymous: Caller, path: str, methods: set[str]) -> None:
    answer = anonymous.send("OPTIONS", path)

    assert (answer.status, answer.content) == (204, b"")
    assert set(answer.headers["Allow"].split(", ")) == methods


def test_options_of_nothing_is_404(anonymous: Caller) -> None:
    assert anonymous.send("OPTIONS", "/nothing").is_problem(404, "not_found")
