"""Claims in a transaction of their own, for work that waits on something outside."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest
from django.utils import timezone

from tasks import idempotency
from tasks.idempotency import Answer, Call
from tasks.models import IdempotencyKey
from testing.callers import Caller, in_parallel
from todo_project.errors import Conflict, Invalid

ANSWER: Final = Answer(200, b'{"response":"Done."}', {"ETag": '"1"'})


def call(caller: Caller, body: bytes = b"{}") -> Call:
    return Call(caller.id, "POST", f"/api/{caller.id}/chat", "key", body)


def claimed(caller: Caller) -> UUID:
    claim = idempotency.claim(call(caller))
    assert isinstance(claim, UUID)
    return claim


def test_a_claim_is_running_until_it_is_kept(alice: Caller) -> None:
    claim = claimed(alice)
    with pytest.raises(Conflict):
        idempotency.claim(call(alice))
    with pytest.raises(Invalid):
        idempotency.claim(call(alice, b"other"))

    idempotency.keep(alice.id, claim, ANSWER)

    assert idempotency.claim(call(alice)) == ANSWER


def test_a_claim_that_was_given_up_can_be_made_again(alice: Caller) -> None:
    idempotency.give_up(alice.id, claimed(alice))

    assert claimed(alice)


def test_an_answer_that_was_kept_cannot_be_given_up(alice: Caller) -> None:
    claim = claimed(alice)
    idempotency.keep(alice.id, claim, ANSWER)

    idempotency.give_up(alice.id, claim)

    assert idempotency.claim(call(alice)) == ANSWER


def test_nobody_keeps_or_gives_up_the_claim_of_another(alice: Caller, bob: Caller) -> None:
    claim = claimed(alice)

    idempotency.give_up(bob.id, claim)
    with pytest.raises(Conflict):
        idempotency.keep(bob.id, claim, ANSWER)
    with pytest.raises(Conflict):
        idempotency.claim(call(alice))


def test_an_abandoned_claim_is_taken_over_and_its_first_owner_cannot_keep_it(alice: Caller) -> None:
    first = claimed(alice)
    IdempotencyKey.objects.filter(user_id=alice.id).update(created_at=timezone.now() - timedelta(minutes=3))

    second = claimed(alice)

    with pytest.raises(Conflict):
        idempotency.keep(alice.id, first, ANSWER)
    idempotency.keep(alice.id, second, ANSWER)
    assert idempotency.claim(call(alice)) == ANSWER


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_twenty_claims_at_once_one_is_made(alice: Caller) -> None:
    def claim() -> bool:
        try:
            return isinstance(idempotency.claim(call(alice)), UUID)
        except Conflict:
            return False

    assert sum(in_parallel([claim] * 20)) == 1
