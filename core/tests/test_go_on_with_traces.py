import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.rest.middleware import RequestIdMiddleware
from core.telemetry import records
from core.telemetry.traces import TRACEPARENT, go_on

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
MADE = ("a" * 32, "b" * 16)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("sent", "is_sampled"),
    [
        (f"00-{TRACE}-{PARENT}-01", True),
        (f"00-{TRACE}-{PARENT}-00", False),
        (f"00-{TRACE}-{PARENT}-03", True),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later", True),
        (f"cc-{TRACE}-{PARENT}-01", True),
    ],
)
def test_a_trace_that_the_caller_began_goes_on(sent: str, *, is_sampled: bool) -> None:
    trace = go_on(sent, *MADE)

    assert trace == (TRACE, MADE[1], PARENT, is_sampled)
    assert trace.header == f"00-{TRACE}-{MADE[1]}-0{int(is_sampled)}"


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "nonsense",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01\n",
        f"00-{TRACE}-{PARENT}",
        f"cc-{TRACE}-{PARENT}-01more",
        f"00-{TRACE[:-1]}\u0664-{PARENT}-01",
    ],
)
def test_what_is_no_trace_begins_one(sent: str | None) -> None:
    assert go_on(sent, *MADE) == (*MADE, "", True)


def test_a_request_that_begins_one_hands_on_a_header_as_it_should_be() -> None:
    request = RequestFactory().get("/")

    RequestIdMiddleware(lambda request: HttpResponse())(request)

    trace = request.META[records.RECORD].trace
    assert TRACEPARENT.fullmatch(trace.header)
    assert trace.parent_id == ""
