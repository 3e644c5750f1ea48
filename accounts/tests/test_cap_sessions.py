"""``MAX_SESSIONS``: the oldest end."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session
from accounts.sessions.starting import start_session
from testing.callers import CLIENT, Caller, in_parallel

pytestmark = pytest.mark.django_db


def live(caller: Caller) -> list[Session]:
    return list(Session.objects.filter(user_id=caller.id, ended_at=None).order_by("id"))


def test_one_more_ends_the_oldest(alice: Caller, bob: Caller, settings: Settings) -> None:
    settings.MAX_SESSIONS = 3
    second, third = (start_session(alice.user, CLIENT).session for _ in range(2))
    assert alice.get("/api/auth/me").json["usage"]["sessions"] == {"used": 3, "limit": 3}

    fourth = start_session(alice.user, CLIENT).session

    assert live(alice) == [second, third, fourth]
    assert alice.get("/api/auth/me").is_problem(401, "session_ended")
    assert bob.get("/api/auth/me").status == 200


def test_zero_is_no_cap(alice: Caller, settings: Settings) -> None:
    settings.MAX_SESSIONS = 0
    for _ in range(3):
        start_session(alice.user, CLIENT)

    assert len(live(alice)) == 4
    assert alice.get("/api/auth/me").json["usage"]["sessions"] == {"used": 4, "limit": None}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_logins_at_once_leave_as_many_as_there_may_be(alice: Caller, settings: Settings) -> None:
    settings.MAX_SESSIONS = 3

    in_parallel([lambda: start_session(alice.user, CLIENT)] * 8)

    assert len(live(alice)) == 3


def test_one_that_has_expired_takes_no_place(alice: Caller, settings: Settings) -> None:
    settings.MAX_SESSIONS = 2
    expired = start_session(alice.user, CLIENT).session
    Session.objects.filter(user_id=alice.id, id=expired.id).update(expires_at=timezone.now())

    start_session(alice.user, CLIENT)

    assert alice.get("/api/auth/me").status == 200


def test_one_that_has_ended_takes_no_place_and_ended_then(alice: Caller, settings: Settings) -> None:
    then = timezone.now() - timedelta(hours=1)
    ended = [start_session(alice.user, CLIENT).session.id for _ in range(2)]
    Session.objects.filter(user_id=alice.id, id__in=ended).update(ended_at=then)
    settings.MAX_SESSIONS = 2

    start_session(alice.user, CLIENT)
    assert alice.get("/api/auth/me").status == 200
    start_session(alice.user, CLIENT)

    assert alice.get("/api/auth/me").is_problem(401, "session_ended")
    assert set(Session.objects.filter(user_id=alice.id, id__in=ended).values_list("ended_at", flat=True)) == {then}
