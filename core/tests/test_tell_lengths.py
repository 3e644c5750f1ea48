"""What the middleware around Django's own makes of an answer."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from core.rest.middleware import LengthMiddleware, ProblemMiddleware

pytestmark = pytest.mark.once


def answered(
    middleware: Callable[..., Callable[[HttpRequest], HttpResponse]], answer: HttpResponseBase, method: str = "GET"
) -> HttpResponse:
    return middleware(lambda _: answer)(RequestFactory().generic(method, "/api/tasks"))


@pytest.mark.parametrize(("method", "content"), [("GET", b"abc"), ("HEAD", b"")])
def test_an_answer_tells_its_length_and_head_tells_no_more(method: str, content: bytes) -> None:
    answer = answered(LengthMiddleware, HttpResponse(b"abc"), method)

    assert (answer["Content-Length"], answer.content) == ("3", content)


def test_a_length_that_is_told_stays() -> None:
    answer = HttpResponse(b"", headers={"Content-Length": "7"})

    assert answered(LengthMiddleware, answer)["Content-Length"] == "7"


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_has_no_length(status: int) -> None:
    assert "Content-Length" not in answered(LengthMiddleware, HttpResponse(status=status))


def test_what_is_written_as_it_comes_is_left_alone() -> None:
    def write() -> Iterator[bytes]:
        yield b"a"

    answer = answered(LengthMiddleware, StreamingHttpResponse(write()), "HEAD")

    assert "Content-Length" not in answer
    assert answer.getvalue() == b"a"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (HttpResponse("No.", status=403), 403, "forbidden"),
        (HttpResponse("No.", status=400), 400, "bad_request"),
        (HttpResponse("Fine.", status=399), 399, None),
        (HttpResponse("{}", status=409, content_type="application/json"), 409, None),
    ],
)
def test_whoever_refuses_it_is_a_problem(answer: HttpResponse, status: int, code: str | None) -> None:
    found = answered(ProblemMiddleware, answer)

    assert (found.status_code, getattr(found, "code", None)) == (status, code)
    assert "Allow" not in found


def test_which_methods_there_are_is_told_on() -> None:
    answer = answered(ProblemMiddleware, HttpResponse(status=405, headers={"Allow": "GET"}))

    assert (answer["Allow"], answer["Content-Type"]) == ("GET", "application/problem+json")


def test_what_a_view_outside_the_api_fails_with_is_an_outage_or_djangos() -> None:
    middleware, request = ProblemMiddleware(lambda _: HttpResponse()), RequestFactory().get("/docs")

    answer = middleware.process_exception(request, OperationalError())
    assert answer is not None
    assert answer.status_code == 503
    assert middleware.process_exception(request, KeyError("x")) is None
