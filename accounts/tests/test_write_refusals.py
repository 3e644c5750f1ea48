"""Refusals of the general limit cost the database a row a second at most, however many there are."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts import middleware
from accounts.limits import OVER_GENERAL_LIMIT
from accounts.middleware import RateLimitMiddleware
from core.rest import problems


class Site:
    """Refuses everybody, at instants of the test's own; ``written`` are the addresses that were written down."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.code = OVER_GENERAL_LIMIT
        self.written: list[str] = []
        self._middleware = RateLimitMiddleware(self._refuse)

    def _refuse(self, _: object) -> HttpResponse:
        return problems.response(429, self.code)

    def visit(self, address: str) -> None:
        self._middleware(RequestFactory().get("/api/auth/me", REMOTE_ADDR=address))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site()
    monkeypatch.setattr(middleware, "time", SimpleNamespace(monotonic=lambda: site.now))
    monkeypatch.setattr(
        middleware,
        "security_log",
        SimpleNamespace(count=lambda kind, client, reason: site.written.append(client.address)),
    )
    yield site
    middleware.forget_refusals()


def test_of_one_address_one_is_written_a_second(site: Site) -> None:
    for _ in range(5):
        site.visit("192.0.2.1")
    site.now += 0.9
    site.visit("192.0.2.1")
    assert site.written == ["192.0.2.1"]

    site.now += 0.1
    site.visit("192.0.2.1")
    assert site.written == ["192.0.2.1"] * 2


def test_each_address_is_written_whoever_else_was(site: Site) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        site.visit(address)

    assert site.written == ["192.0.2.1", "192.0.2.2"]


def test_refused_logins_are_all_written(site: Site) -> None:
    site.code = "throttled"
    for _ in range(3):
        site.visit("192.0.2.1")

    assert len(site.written) == 3


def test_a_thousand_addresses_are_remembered_and_no_more(site: Site) -> None:
    addresses = [f"198.18.{number // 250}.{number % 250}" for number in range(1000)]
    for address in (*addresses, addresses[0]):
        site.visit(address)
    assert site.written == addresses

    for address in ("192.0.2.1", addresses[0], "192.0.2.1"):
        site.visit(address)

    assert site.written == [*addresses, "192.0.2.1", addresses[0]]
