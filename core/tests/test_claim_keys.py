"""Claims in a transaction of their own, for work that waits on something outside."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Final
from uuid import UUID

import pytest
from django.db import OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict, Invalid
from core.idempotency import claims, endpoints
from core.idempotency.claims import Call, KeptAnswer
from core.models import IdempotencyKey
from testing.callers import Caller, in_parallel

ANSWER: Final = KeptAnswer(200, b'{"response":"Done."}', {"ETag": '"1"'})


def call(caller: Caller, body: bytes = b"{}", key: str = "key", method: str = "POST") -> Call:
    return Call(caller.id, method, f"/api/{caller.id}/chat", key, body)


def claimed(caller: Caller) -> UUID:
    claim = claims.claim(call(caller))
    assert isinstance(claim, UUID)
    return claim


def test_a_claim_is_running_until_it_is_kept(alice: Caller) -> None:
    claim = claimed(alice)
    with pytest.raises(Conflict):
        claims.claim(call(alice))
    with pytest.raises(Invalid):
        claims.claim(call(alice, b"other"))

    claims.keep(alice.id, claim, ANSWER)

    assert claims.claim(call(alice)) == ANSWER


def test_each_key_of_a_caller_has_an_answer_of_its_own(alice: Caller) -> None:
    calls = [call(alice), call(alice, key="other"), call(alice, key="other", method="PUT")]
    answers = [KeptAnswer(200 + number, b"{}") for number in range(3)]
    for each, answer in zip(calls, answers, strict=True):
        claim = claims.claim(each)
        assert isinstance(claim, UUID)
        claims.keep(alice.id, claim, answer)

    assert [claims.claim(each) for each in calls] == answers


def test_a_claim_that_ends_while_another_asks_for_it_is_still_running_to_that_one(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given up, or pruned, after the insert met it and before it is read.
    monkeypatch.setattr(claims, "_insert", lambda call: None)

    with pytest.raises(Conflict) as refused:
        claims.claim(call(alice))

    assert refused.value.code == "idempotency_in_progress"


def test_a_claim_that_was_given_up_can_be_made_again(alice: Caller) -> None:
    claims.give_up(alice.id, claimed(alice))

    assert claimed(alice)


def test_an_answer_that_was_kept_cannot_be_given_up(alice: Caller) -> None:
    claim = claimed(alice)
    claims.keep(alice.id, claim, ANSWER)

    claims.give_up(alice.id, claim)

    assert claims.claim(call(alice)) == ANSWER


def test_nobody_keeps_or_gives_up_the_claim_of_another(alice: Caller, bob: Caller) -> None:
    claim = claimed(alice)

    claims.give_up(bob.id, claim)
    with pytest.raises(Conflict):
        claims.keep(bob.id, claim, ANSWER)
    with pytest.raises(Conflict):
        claims.claim(call(alice))


def test_an_abandoned_claim_is_taken_over_and_its_first_owner_cannot_keep_it(alice: Caller) -> None:
    first = claimed(alice)
    kept = IdempotencyKey.objects.filter(user_id=alice.id)
    kept.update(created_at=timezone.now() - timedelta(minutes=2, seconds=30))
    with pytest.raises(Conflict):
        claims.claim(call(alice))
    kept.update(created_at=timezone.now() - timedelta(minutes=3))

    second = claimed(alice)

    with pytest.raises(Conflict):
        claims.keep(alice.id, first, ANSWER)
    claims.keep(alice.id, second, ANSWER)
    assert claims.claim(call(alice)) == ANSWER


@pytest.mark.parametrize(("status", "is_kept"), [(200, True), (201, True), (299, True), (300, False), (422, False)])
def test_the_answer_of_a_change_is_kept_and_another_undoes_all(alice: Caller, status: int, is_kept: bool) -> None:
    claim = claimed(alice)
    request = Request(HttpRequest())
    request.user = alice.user

    with transaction.atomic():
        endpoints.keep_answer(request, claim, Response({}, status=status))
        is_undone = transaction.get_rollback()

    assert is_undone is not is_kept
    assert IdempotencyKey.objects.filter(user_id=alice.id, status=status).exists() is is_kept


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_twenty_claims_at_once_one_is_made(alice: Caller) -> None:
    def claim() -> bool:
        try:
            return isinstance(claims.claim(call(alice)), UUID)
        except Conflict:
            return False

    assert sum(in_parallel([claim] * 20)) == 1


class Refused(Exception):
    """A driver's."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(("state", "expected"), [("55P03", Conflict), ("57014", OperationalError)])
def test_who_has_waited_too_long_for_the_first_is_told_that_it_runs(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, state: str, expected: type[Exception]
) -> None:
    def give_up(milliseconds: int) -> None:
        raise OperationalError from Refused(state)

    monkeypatch.setattr(claims, "limit_waits", give_up)

    with pytest.raises(expected):
        claims.claim(call(alice))


def test_an_answer_that_has_expired_is_not_given_while_the_key_is_used_anew(alice: Caller) -> None:
    claims.keep(alice.id, claimed(alice), ANSWER)
    IdempotencyKey.objects.filter(user_id=alice.id).update(created_at=timezone.now() - timedelta(hours=24))

    assert claimed(alice)
    with pytest.raises(Conflict):
        claims.claim(call(alice))


def test_an_answer_of_more_than_64_kilobytes_is_not_kept(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claimed(alice)
    # Such as cannot be compressed.
    monkeypatch.setattr(claims, "zlib", SimpleNamespace(compress=bytes))
    claims.keep(alice.id, claim, KeptAnswer(200, bytes(65_536)))

    with pytest.raises(Invalid) as refused:
        claims.keep(alice.id, claim, KeptAnswer(200, bytes(65_537)))

    assert refused.value.code == "answer_too_large"
