"""What may be repeated by knocking is bounded, and the security log tells of what happened alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts import cutoffs
from accounts.models import AuthEvent, RefusedToken, TokenCutoff
from core.limits.allowances import Rate
from testing.callers import Caller, in_parallel, open_session
from testing.issuers import Issuer, bearer

LOGOUT = "/api/auth/logout"


def events(kind: str) -> int:
    return AuthEvent.objects.filter(kind=kind).count()


def test_logging_out_of_what_has_ended_is_no_event(alice: Caller) -> None:
    pair = open_session(alice.user)
    doors: list[Callable[[], int]] = [
        lambda: Caller().post(LOGOUT, {"refresh_token": pair.refresh}).status,
        lambda: Caller().post(LOGOUT, Authorization=f"Bearer {pair.access}").status,
    ]

    assert [door() for door in doors * 3] == [200] * 6

    assert events("logout") == 1


def test_nor_is_that_of_an_outside_token(issuer: Issuer) -> None:
    caller = bearer(issuer.token(sub="1"))

    assert [caller.post(LOGOUT).status for _ in range(3)] == [200] * 3

    assert (events("logout"), RefusedToken.objects.count()) == (1, 1)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_logging_out_at_once_is_one_event(alice: Caller) -> None:
    pair = open_session(alice.user)

    answers = in_parallel([lambda: Caller().post(LOGOUT, {"refresh_token": pair.refresh})] * 12)

    assert {answer.status for answer in answers} == {200}
    assert events("logout") == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_refusing_an_outside_token_at_once_is_one_row(db: None) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)

    assert sum(in_parallel([lambda: cutoffs.refuse_token("1", "x" * 64, until)] * 12)) == 1


def test_logging_out_is_limited(alice: Caller) -> None:
    pair = open_session(alice.user)

    answers = [Caller().post(LOGOUT, {"refresh_token": pair.refresh}) for _ in range(61)]

    assert {answer.status for answer in answers[:60]} == {200}
    assert answers[0].headers["RateLimit-Limit"] == "60"
    assert answers[60].is_problem(429, "throttled")


def test_a_refresh_that_gives_the_same_again_is_no_event(alice: Caller) -> None:
    pair = open_session(alice.user)

    answers = [Caller().post("/api/auth/refresh", {"refresh_token": pair.refresh}) for _ in range(3)]

    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert events("refresh") == 1


def test_what_is_counted_of_an_ipv6_site_is_one_row(db: None, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(1, 60)
    caller = Caller()
    for number in range(6):
        caller.client.defaults["REMOTE_ADDR"] = f"2001:db8:0:1::{number:x}"
        caller.post("/api/auth/login", {})

    rows = AuthEvent.objects.filter(kind="throttled")

    assert {row.address for row in rows} == {"2001:db8:0:1::/64"}
    assert sum(row.count for row in rows) == 5
    # Two, if the minute has changed meanwhile.
    assert len(rows) <= 2


@pytest.mark.parametrize(("database", "days"), [(None, 31), ({"ENGINE": "x"}, None)])
def test_a_cut_off_is_remembered_as_long_as_a_token_may_live(
    db: None, settings: Settings, database: object, days: int | None
) -> None:
    settings.BETTER_AUTH_DATABASE = database
    cutoffs.refuse_until_now("1")
    first = TokenCutoff.objects.get()

    cutoffs.refuse_until_now("1")

    last = TokenCutoff.objects.get()
    assert last.issued_until > first.issued_until
    forever = datetime(9999, 1, 1, tzinfo=UTC)
    assert last.expires_at == (last.issued_until + timedelta(days=days) if days else forever)


def test_a_token_is_refused_by_itself_and_of_its_subject(db: None) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    tries = [("1", "x"), ("1", "y"), ("2", "x"), ("1", "x")]

    assert [cutoffs.refuse_token(subject, token, until) for subject, token in tries] == [True, True, True, False]
    assert set(RefusedToken.objects.values_list("subject", "token_hash", "expires_at")) == {
        (subject, token, until) for subject, token in tries
    }
