"""The general limit, as callers find it."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts import limits, middleware, security_log
from core.limits.allowances import Rate
from core.limits.in_memory import Buckets
from core.rest import problems
from testing.callers import Caller


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes, nothing comes back meanwhile."""
    monkeypatch.setattr(limits, "Buckets", partial(Buckets, clock=lambda: 1000.0))
    monkeypatch.setattr(middleware, "time", SimpleNamespace(monotonic=lambda: 1000.0))


def test_calls_are_counted_and_every_answer_tells(alice: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(3, 60)

    answers = [alice.get(alice.tasks), alice.get("/api/nobody/tasks"), alice.get("/api/auth/me")]

    assert [answer.status for answer in answers] == [200, 403, 200]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert [answer.headers["RateLimit-Reset"] for answer in answers] == ["20", "40", "60"]

    refused = alice.get(alice.tasks)
    assert refused.is_problem(429, "too_many_requests")
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"] == "20"


def test_people_are_counted_apart(alice: Caller, bob: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(1, 60)
    assert alice.get(alice.tasks).status == 200
    assert alice.get(alice.tasks).status == 429
    assert bob.get(bob.tasks).status == 200


def test_a_bad_token_is_not_counted(anonymous: Caller) -> None:
    answer = anonymous.get("/api/auth/me", Authorization="Bearer x.y.z")
    assert answer.is_problem(401, "token_invalid")
    assert "RateLimit-Limit" not in answer.headers


def test_a_refused_call_costs_no_query_but_for_one_line_a_second_in_the_security_log(
    alice: Caller, settings: Settings, django_assert_num_queries: Callable[..., object]
) -> None:
    settings.API_RATE_LIMIT = Rate(1, 60)
    alice.get(alice.tasks)
    with django_assert_num_queries(1):  # type: ignore[attr-defined] # a context manager
        assert alice.get(alice.tasks).status == 429
    with django_assert_num_queries(0):  # type: ignore[attr-defined] # a context manager
        assert alice.get(alice.tasks).status == 429


@pytest.fixture
def is_written(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, str], bool]:
    """Whether the refusal of a call from this address, at this second, goes into the security log."""
    written: list[str] = []
    monkeypatch.setattr(security_log, "count", lambda kind, client, *, reason: written.append(f"{kind} {reason}"))
    refuse = middleware.RateLimitMiddleware(lambda request: problems.response(429, limits.OVER_GENERAL_LIMIT))

    def is_one_more(second: float, address: str) -> bool:
        monkeypatch.setattr(middleware, "time", SimpleNamespace(monotonic=lambda: second))
        before = len(written)
        refuse(RequestFactory().get("/", REMOTE_ADDR=address))
        assert set(written) <= {"throttled too_many_requests"}
        return len(written) > before

    return is_one_more


def test_a_refusal_is_written_down_once_a_second_an_address(is_written: Callable[[float, str], bool]) -> None:
    here, there = "192.0.2.1", "192.0.2.2"

    seconds = (0.0, 0.0, 0.99, 1.0, 1.99, 2.0)
    assert [is_written(second, here) for second in seconds] == [True, False, False, True, False, True]
    assert is_written(2.0, there)
    # An IPv6 network is one address.
    assert [is_written(2.0, f"2001:db8::{number}") for number in (1, 2)] == [True, False]
    middleware.forget_refusals()
    assert is_written(2.0, here)


def test_a_thousand_addresses_are_remembered_and_no_more(is_written: Callable[[float, str], bool]) -> None:
    first, *others = [f"10.0.{number // 250}.{number % 250}" for number in range(1001)]

    assert all(is_written(5.0, address) for address in (first, *others[:-1]))
    assert not is_written(5.0, first)
    assert is_written(5.0, others[-1])
    assert is_written(5.0, first)
