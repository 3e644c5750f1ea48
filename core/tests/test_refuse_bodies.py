"""What is answered to a body that was not read whole, or that is compressed."""

import pytest
from django.http import HttpResponse

from core.rest import bodies
from testing.callers import Answer, Caller


def send(caller: Caller, **environ: str) -> Answer:
    """As the server hands it on."""
    response = caller.client.generic("POST", "/api/auth/login", b"{}", "application/json", **environ)  # type: ignore[arg-type] # more of the WSGI environment
    assert isinstance(response, HttpResponse)
    return Answer(response)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (bodies.TOO_LARGE, 413, "body_too_large"),
        (bodies.INCOMPLETE, 400, "body_incomplete"),
        (bodies.TOO_SLOW, 408, "request_timeout"),
    ],
)
def test_a_body_with_a_fault_is_refused(anonymous: Caller, fault: str, status: int, code: str) -> None:
    answer = send(anonymous, **{bodies.FAULT: fault})

    assert answer.is_problem(status, code)
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused_and_told_how_to_come(anonymous: Caller, encoding: str) -> None:
    answer = send(anonymous, HTTP_CONTENT_ENCODING=encoding)

    assert answer.is_problem(415, "unsupported_encoding")
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
def test_a_body_that_says_it_is_as_it_is_is_read(anonymous: Caller, encoding: str) -> None:
    assert send(anonymous, HTTP_CONTENT_ENCODING=encoding).is_problem(422, "invalid")
