"""How an issuer's keys are fetched, kept and used while it is away; over real HTTP on loopback."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import IssuerKeys
from accounts.tokens import key_fetching, key_parsing
from core.errors import Unauthenticated
from testing.callers import Answer, in_parallel
from testing.issuers import HELD_SECONDS, Issuer, Key, bearer
from testing.service import wait_until

OWN_SECONDS = key_parsing.FETCH_SECONDS
OTHER_KEYS = json.dumps({"keys": [Key("EdDSA", "other").public]}).encode()


def me(token: str) -> Answer:
    return bearer(token).get("/api/auth/me")


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_fetching, "FETCH_INTERVAL_SECONDS", 0.0)


def make_stored_keys_older(age: timedelta) -> None:
    IssuerKeys.objects.update(fetched_at=timezone.now() - age)
    key_fetching.forget()


class Clock:
    """Of the time between two fetches."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(key_fetching, "time", clock)
    return clock


def give_up_after(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for module in (key_parsing, key_fetching):
        monkeypatch.setattr(module, "FETCH_SECONDS", seconds)


def test_known_keys_are_fetched_once(issuer: Issuer) -> None:
    assert [me(issuer.token(sub=str(number))).status for number in range(5)] == [200] * 5

    assert issuer.fetches == 1


def test_a_new_key_works_after_one_refetch_within_seconds(issuer: Issuer, clock: Clock) -> None:
    assert me(issuer.token()).status == 200
    token = issuer.token(issuer.add_key("ES256", "second"))
    clock.now += 4.75
    assert me(token).status == 401
    assert issuer.fetches == 1

    clock.now += 0.25

    assert [me(token).status for _ in range(3)] == [200] * 3
    assert issuer.fetches == 2


def test_known_keys_outlive_the_issuer_also_after_a_restart(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)
    assert me(issuer.token()).status == 200
    issuer.stop()

    assert me(issuer.token(Key("EdDSA", "unknown"))).status == 401
    assert me(issuer.token()).status == 200
    key_fetching.forget()
    assert me(issuer.token()).status == 200
    make_stored_keys_older(timedelta(days=3))
    assert me(issuer.token()).status == 200


def test_without_any_key_it_is_503_until_the_issuer_answers(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)
    issuer.answer = (500, {}, b"")

    answer = me(issuer.token())

    assert answer.is_problem(503, "issuer_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    issuer.answer = None
    assert me(issuer.token()).status == 200


def test_a_stopped_issuer_that_was_never_reached_is_503(issuer: Issuer) -> None:
    issuer.stop()

    assert me(issuer.token()).is_problem(503, "issuer_unavailable")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, OTHER_KEYS),
        (404, OTHER_KEYS),
        (203, OTHER_KEYS),
        (200, b""),
        (200, b"not json"),
        (200, b"\xff\xfe"),
        (200, b"[" * 60_000),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": [1, null, {"kty": "oct", "k": "AAAA", "kid": "first"}]}'),
        (200, b'{"keys": [{"kty": "RSA", "kid": "first", "alg": "RS256", "n": 5, "e": null}]}'),
        (200, b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "first", "x": "AAAA"}]}'),
    ],
    ids=range(11),
)
def test_a_bad_answer_counts_as_none_and_the_last_good_keys_stay(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    without_waiting(monkeypatch)
    assert me(issuer.token()).status == 200
    issuer.answer = (status, {}, body)

    assert me(issuer.token(Key("EdDSA", "unknown"))).status == 401
    assert issuer.fetches == 2
    assert me(issuer.token()).status == 200
    key_fetching.forget()
    assert me(issuer.token()).status == 200


def test_one_odd_key_does_not_cost_the_others(issuer: Issuer) -> None:
    issuer.keys[:0] = [{"kty": "RSA", "alg": "RS256", "n": "A" * 400}, {"kty": ["EC"]}, {"kty": "EC", "crv": {}}]

    assert me(issuer.token()).status == 200


def test_a_redirect_is_not_followed(issuer: Issuer) -> None:
    other = Issuer()
    issuer.answer = (302, {"Location": other.jwks_url}, b"")

    assert me(issuer.token()).is_problem(503, "issuer_unavailable")

    assert other.fetches == 0
    other.stop()


@pytest.mark.parametrize(("size", "is_read"), [(65_536, True), (65_537, False)])
def test_a_document_over_64_kilobytes_is_not_read(issuer: Issuer, size: int, is_read: bool) -> None:
    document = json.dumps({"keys": issuer.keys}).encode()
    issuer.answer = (200, {}, document.ljust(size))

    assert me(issuer.token()).status == (200 if is_read else 503)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("fault", ["delay_seconds", "trickle_seconds"])
def test_a_slow_issuer_holds_nobody_for_long(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert OWN_SECONDS <= 3
    give_up_after(monkeypatch, 0.3)
    # It takes 20 seconds and more.
    setattr(issuer, fault, 20.0 if fault == "delay_seconds" else 0.1)

    started = time.monotonic()
    assert me(issuer.token()).is_problem(503, "issuer_unavailable")
    assert me(issuer.token()).is_problem(503, "issuer_unavailable")

    assert time.monotonic() - started < 10
    assert issuer.fetches == 1


def test_headers_that_never_end_hold_up_no_later_fetch(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    give_up_after(monkeypatch, 0.3)
    without_waiting(monkeypatch)
    issuer.drip_seconds = 0.05
    assert me(issuer.token()).is_problem(503, "issuer_unavailable")

    issuer.drip_seconds = 0.0

    started = time.monotonic()
    wait_until(lambda: me(issuer.token()).status == 200)
    assert time.monotonic() - started < HELD_SECONDS / 2


def test_a_set_without_keys_withdraws_all(issuer: Issuer, clock: Clock) -> None:
    token = issuer.token()
    assert me(token).status == 200
    issuer.keys.clear()
    make_stored_keys_older(timedelta(minutes=61))

    assert me(token).is_problem(401, "token_invalid")
    key_fetching.forget()
    assert me(token).is_problem(401, "token_invalid")

    issuer.keys.append(issuer.key.public)
    clock.now += 5.1
    assert me(token).status == 200


def test_stale_keys_are_refetched_while_nobody_waits(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    give_up_after(monkeypatch, 2 * HELD_SECONDS)
    assert me(issuer.token()).status == 200
    make_stored_keys_older(timedelta(minutes=10))
    issuer.add_key("ES256", "second")
    issuer.may_answer.clear()

    started = time.monotonic()
    assert me(issuer.token()).status == 200
    assert time.monotonic() - started < HELD_SECONDS / 2
    assert "second" not in IssuerKeys.objects.get().document

    issuer.may_answer.set()
    wait_until(lambda: me(issuer.token()).status == 200 and "second" in IssuerKeys.objects.get().document)
    assert issuer.fetches == 2


def test_a_key_withdrawn_long_ago_is_refused_at_once(issuer: Issuer) -> None:
    token = issuer.token()
    assert me(token).status == 200
    make_stored_keys_older(timedelta(minutes=61))
    issuer.keys.clear()
    issuer.add_key("EdDSA", "second")

    assert me(token).is_problem(401, "token_invalid")


def test_one_caller_waits_for_an_issuer_that_is_away_and_the_next_do_not(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    token = issuer.token()
    assert me(token).status == 200
    make_stored_keys_older(timedelta(hours=2))
    issuer.answer = (500, {}, b"")
    waits: list[float] = []

    def noted(fetches: list[Future[Any]], timeout: float) -> None:
        waits.append(timeout)
        wait(fetches, timeout)

    monkeypatch.setattr(key_fetching, "wait", noted)

    assert [me(token).status for _ in range(5)] == [200] * 5

    assert waits == [key_parsing.FETCH_SECONDS]


def test_each_address_has_keys_of_its_own(issuer: Issuer, settings: Settings) -> None:
    other = Issuer()
    assert me(issuer.token()).status == 200

    settings.JWKS_URL = other.jwks_url
    assert me(issuer.token()).is_problem(401, "token_invalid")
    other.stop()


def test_thirty_unknown_keys_cost_one_fetch_in_five_seconds(issuer: Issuer, clock: Clock) -> None:
    tokens = [issuer.token(Key("EdDSA", f"unknown-{number}")) for number in range(30)]

    assert {me(token).status for token in tokens} == {401}
    assert issuer.fetches == 1

    clock.now += 5.1
    assert {me(token).status for token in tokens} == {401}
    assert issuer.fetches == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clock")
def test_thirty_unknown_keys_at_once_hold_up_no_known_one(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    give_up_after(monkeypatch, 2 * HELD_SECONDS)
    assert me(issuer.token()).status == 200
    make_stored_keys_older(timedelta(0))
    assert me(issuer.token()).status == 200
    issuer.may_answer.clear()
    waits: list[float] = []

    def known() -> int:
        wait_until(lambda: issuer.fetches == 2)
        started = time.monotonic()
        status = me(issuer.token()).status
        waits.append(time.monotonic() - started)
        if len(waits) == 5:
            issuer.may_answer.set()
        return status

    def unknown(number: int) -> int:
        return me(issuer.token(Key("EdDSA", f"unknown-{number}"))).status

    statuses = in_parallel([known] * 5 + [lambda number=number: unknown(number) for number in range(30)])  # type: ignore[misc] # a default as closure

    assert statuses == [200] * 5 + [401] * 30
    assert issuer.fetches == 2
    assert max(waits) < HELD_SECONDS / 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_twenty_first_calls_at_once_one_waits_for_the_one_fetch(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[int] = []
    most: list[int] = []

    def noted(fetches: list[Future[Any]], timeout: float) -> None:
        waiting.append(1)
        most.append(len(waiting))
        wait(fetches, timeout)
        waiting.pop()

    monkeypatch.setattr(key_fetching, "wait", noted)
    give_up_after(monkeypatch, 2 * HELD_SECONDS)
    issuer.delay_seconds = 0.5

    answers = in_parallel([lambda: me(issuer.token())] * 20)

    assert max(most) == 1
    assert {answer.status for answer in answers} <= {200, 503}
    assert {me(issuer.token()).status for _ in range(3)} == {200}
    assert issuer.fetches == 1
    assert IssuerKeys.objects.count() == 1


def test_while_one_caller_waits_for_a_fetch_the_next_does_not(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    token = issuer.token()
    issuer.may_answer.clear()
    waits: list[float] = []
    meanwhile: list[Answer] = []

    def noted(fetches: list[Future[Any]], timeout: float) -> None:
        waits.append(timeout)
        if len(waits) == 1:
            meanwhile.append(me(token))
            issuer.may_answer.set()
        wait(fetches, timeout)

    monkeypatch.setattr(key_fetching, "wait", noted)

    assert me(token).status == 200

    assert meanwhile[0].is_problem(503, "issuer_unavailable")
    assert len(waits) == 1


def test_once_an_issuer_is_back_a_caller_waits_for_it_again(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)
    token = issuer.token()
    assert me(token).status == 200
    make_stored_keys_older(timedelta(hours=2))
    issuer.answer = (500, {}, b"")
    assert me(token).status == 200
    issuer.answer, since = None, timezone.now()
    wait_until(lambda: me(token).status == 200 and IssuerKeys.objects.get().fetched_at > since)

    issuer.keys.clear()
    issuer.add_key("EdDSA", "second")
    later = SimpleNamespace(now=lambda: timezone.now() + timedelta(hours=2))
    monkeypatch.setattr(key_fetching, "timezone", later)

    assert me(token).is_problem(401, "token_invalid")


class AtOnce:
    """An executor that has done it when it says that it will."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def submit(self, do: Callable[[str], Any], url: str) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(do(url))
        return done


@pytest.mark.parametrize(("age", "fetches"), [(4.5, 1), (5.5, 2)])
def test_keys_are_stale_after_five_minutes(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, age: float, fetches: int
) -> None:
    monkeypatch.setattr(key_fetching, "ThreadPoolExecutor", AtOnce)
    without_waiting(monkeypatch)
    token = issuer.token()
    assert me(token).status == 200
    make_stored_keys_older(timedelta(minutes=age))

    assert me(token).status == 200

    assert issuer.fetches == fetches
    assert timezone.now() - IssuerKeys.objects.get().fetched_at < timedelta(minutes=5 if fetches == 1 else 1)


def test_without_an_id_four_keys_are_tried_and_no_fifth(issuer: Issuer) -> None:
    keys = [issuer.key, *(issuer.add_key("EdDSA", f"more-{number}") for number in range(3))]
    found = key_fetching.key_set(issuer.jwks_url)
    assert len(found.find(None, "EdDSA")) == 4
    with pytest.raises(Unauthenticated):
        found.find(None, "ES256")
    assert [len(found.find(kid, "EdDSA")) for kid in ("first", "more-2")] == [1, 1]

    issuer.keys.append(keys[1].public)
    key_fetching.forget()
    IssuerKeys.objects.all().delete()

    found = key_fetching.key_set(issuer.jwks_url)
    for kid in (None, "more-0", "nobody"):
        with pytest.raises(Unauthenticated):
            found.find(kid, "EdDSA")
    assert len(found.find("more-1", "EdDSA")) == 1
