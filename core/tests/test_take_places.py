import pytest
from pytest_django import Settings

from core import quotas
from core.quotas import QuotaExceeded
from testing.callers import Caller

# Of the column that counts them.
MOST = 2**31 - 1


def test_without_a_cap_there_are_as_many_as_can_be_counted(alice: Caller, settings: Settings) -> None:
    settings.MAX_TASKS = 0
    quotas.take(alice.id, "tasks", MOST - 1)
    assert quotas.room(alice.id, "tasks") == 1

    quotas.take(alice.id, "tasks")

    assert quotas.room(alice.id, "tasks") == 0
    with pytest.raises(QuotaExceeded):
        quotas.take(alice.id, "tasks")


def test_more_places_than_there_are_at_all_are_refused_at_once(alice: Caller, settings: Settings) -> None:
    settings.MAX_TASKS = 3
    with pytest.raises(QuotaExceeded, match="3 tasks"):
        quotas.take(alice.id, "tasks", 4)
    assert quotas.room(alice.id, "tasks") == 3

    quotas.take(alice.id, "tasks", 3)

    assert quotas.used(alice.id) == {"tasks": 3}
    with pytest.raises(QuotaExceeded):
        quotas.take(alice.id, "tasks")


def test_no_more_is_given_back_than_was_taken(alice: Caller, bob: Caller) -> None:
    for owner in (alice, bob):
        quotas.take(owner.id, "tasks", 2)

    quotas.give_back(alice.id, "tasks")
    assert (quotas.used(alice.id), quotas.used(bob.id)) == ({"tasks": 1}, {"tasks": 2})
    quotas.give_back(alice.id, "tasks", 5)
    assert (quotas.used(alice.id), quotas.used(bob.id)) == ({"tasks": 0}, {"tasks": 2})
