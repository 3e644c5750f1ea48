"""Which hosts are served, and how often one is looked at."""

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from core.rest.middleware import MAX_KNOWN_HOSTS, HostMiddleware

pytestmark = pytest.mark.once


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """The hosts that Django was asked about."""
    settings.ALLOWED_HOSTS = [".example.com"]
    seen: list[str] = []
    get_host = HttpRequest.get_host

    def look(self: HttpRequest) -> str:
        seen.append(self.META.get("HTTP_HOST", ""))
        return get_host(self)

    monkeypatch.setattr(HttpRequest, "get_host", look)
    return seen


def ask(middleware: HostMiddleware, host: str) -> int:
    return middleware(RequestFactory().get("/api/auth/me", HTTP_HOST=host)).status_code


def test_a_host_is_looked_at_until_it_was_let_in(looks: list[str]) -> None:
    middleware = HostMiddleware(lambda _: HttpResponse())

    for host in ("a.example.com", "a.example.com", "a.example.com:8000", "A.example.com"):
        assert ask(middleware, host) == 200
    for host in ("evil.example", "evil.example", "a.example.com.evil.example", "a.example.com\n", "a.example.com/", ""):
        with pytest.raises(DisallowedHost):
            ask(middleware, host)

    assert looks[:3] == ["a.example.com", "a.example.com:8000", "A.example.com"]
    assert len(looks) == 3 + 6


def test_no_more_hosts_are_remembered_than_a_service_has(looks: list[str]) -> None:
    middleware = HostMiddleware(lambda _: HttpResponse())
    hosts = [f"{number}.example.com" for number in range(MAX_KNOWN_HOSTS + 1)]

    assert {ask(middleware, host) for host in hosts * 2} == {200}

    assert looks == [*hosts, hosts[-1]]


def test_a_request_without_a_host_is_looked_at_each_time(looks: list[str]) -> None:
    middleware = HostMiddleware(lambda _: HttpResponse())
    request = RequestFactory().get("/", SERVER_NAME="a.example.com")

    assert {middleware(request).status_code for _ in range(2)} == {200}

    assert looks == ["", ""]


@pytest.mark.parametrize(
    ("says", "is_exempt", "frame"),
    [({}, False, "DENY"), ({"X-Frame-Options": "SAMEORIGIN"}, False, "SAMEORIGIN"), ({}, True, None)],
)
def test_no_frame_shows_an_answer_but_where_its_view_says_so(
    says: dict[str, str], frame: str | None, *, is_exempt: bool
) -> None:
    answer = HttpResponse(headers=says)
    # As Django's decorator does.
    vars(answer)["xframe_options_exempt"] = is_exempt

    assert HostMiddleware(lambda _: answer)(RequestFactory().get("/")).get("X-Frame-Options") == frame
