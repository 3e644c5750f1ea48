from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import jwt
import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuthEvent, Session, User
from accounts.sessions import rotation
from testing.callers import Answer, Caller, in_parallel, open_session

REFRESH = "/api/auth/refresh"

Back = Callable[[Caller, float], None]


def refresh(token: str) -> Answer:
    return Caller().post(REFRESH, {"refresh_token": token})


def works(answer: Answer) -> bool:
    return Caller().get("/api/auth/me", Authorization=f"Bearer {answer.json['access_token']}").status == 200


def secrets_of(token: str) -> tuple[UUID, str]:
    said = jwt.decode(token, options={"verify_signature": False})
    return UUID(said["sid"]), said["jti"]


@pytest.fixture
def back() -> Back:
    """Moves the rotation of somebody's sessions so many seconds into the past."""

    def move(owner: Caller, seconds: float) -> None:
        for session in Session.objects.filter(user_id=owner.id):
            rotated_at = session.rotated_at - timedelta(seconds=seconds)
            Session.objects.filter(user_id=owner.id, id=session.id).update(rotated_at=rotated_at)

    return move


def test_a_refresh_token_gives_a_new_pair(alice: Caller) -> None:
    old = open_session(alice.user)

    answer = refresh(old.refresh)

    assert answer.status == 200
    assert answer.json["user"]["id"] == alice.id
    assert answer.json["refresh_token"] != old.refresh
    assert works(answer)
    assert works(refresh(answer.json["refresh_token"]))


def test_a_refresh_tells_how_many_are_left_this_minute(alice: Caller) -> None:
    token = open_session(alice.user).refresh

    answers = [refresh(token), refresh(token)]

    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["59", "58"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"60"}
    assert answers[0].headers["RateLimit-Reset"] == "60"


def test_only_hashes_are_stored(alice: Caller) -> None:
    pair = open_session(alice.user)
    secret = jwt.decode(pair.refresh, options={"verify_signature": False})["jti"]
    refresh(pair.refresh)

    stored = "".join(map(str, Session.objects.filter(user_id=alice.id).values_list()))

    assert secret not in stored
    assert pair.refresh not in stored


@pytest.mark.parametrize("is_later", [False, True])
def test_refreshes_by_two_keys_get_the_same_successor(alice: Caller, settings: Settings, is_later: bool) -> None:
    old, key = open_session(alice.user).refresh, settings.SECRET_KEY
    if is_later:
        settings.SECRET_KEY_FALLBACKS = ["another-key-of-at-least-32-bytes-for-tests", key]
    session_id, secret = secrets_of(old)
    first = rotation.rotate(alice.id, session_id, secret)
    settings.SECRET_KEY = "another-key-of-at-least-32-bytes-for-tests"

    again = rotation.rotate(alice.id, session_id, secret)

    assert (first.is_replay, again.is_replay) == (False, True)
    # Of a key that is gone nothing can be derived; there is one all the same.
    assert (again.refresh_id == first.refresh_id) is is_later
    assert len(again.refresh_id) == 64


def test_parallel_refreshes_get_the_same_successor(alice: Caller) -> None:
    old = open_session(alice.user).refresh

    answers = [refresh(old) for _ in range(5)]

    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert AuthEvent.objects.filter(kind="refresh", subject=alice.id).count() == 1
    assert works(refresh(answers[0].json["refresh_token"]))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_refreshes_at_once_get_the_same_successor(alice: Caller) -> None:
    old = open_session(alice.user).refresh

    answers = in_parallel([lambda: refresh(old)] * 20)

    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1


def test_after_thirty_seconds_reuse_ends_the_session_and_is_logged(alice: Caller, back: Back) -> None:
    old = open_session(alice.user).refresh
    successor = refresh(old)
    back(alice, 31)

    assert refresh(old).is_problem(401, "token_invalid")

    assert refresh(successor.json["refresh_token"]).is_problem(401, "session_ended")
    assert not works(successor)
    event = AuthEvent.objects.get(kind="refresh_reused")
    assert (event.subject, event.success) == (alice.id, False)


def test_within_thirty_seconds_it_is_still_the_same_successor(alice: Caller, back: Back) -> None:
    old = open_session(alice.user).refresh
    successor = refresh(old).json["refresh_token"]
    back(alice, 20)

    again = refresh(old)

    # The instant of the rotation is part of the token.
    decoded, expected = (
        jwt.decode(token, options={"verify_signature": False}) for token in (again.json["refresh_token"], successor)
    )
    assert decoded["jti"] == expected["jti"]


def test_at_thirty_seconds_it_is_still_the_same_successor(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = open_session(alice.user).refresh, timezone.now()
    answers = []
    for seconds in (0, 30):
        instant = now + timedelta(seconds=seconds)
        monkeypatch.setattr(rotation, "timezone", SimpleNamespace(now=lambda instant=instant: instant))
        answers.append(refresh(token).json["refresh_token"])

    assert answers[0] == answers[1]


def test_a_token_whose_successor_was_used_ends_the_session_at_once(alice: Caller) -> None:
    first = open_session(alice.user).refresh
    second = refresh(first).json["refresh_token"]
    third = refresh(second).json["refresh_token"]

    assert refresh(first).is_problem(401, "token_invalid")
    assert refresh(third).is_problem(401, "session_ended")


def test_other_sessions_go_on_when_one_is_ended_by_reuse(alice: Caller, back: Back) -> None:
    other, stolen = open_session(alice.user), open_session(alice.user).refresh
    refresh(stolen)
    back(alice, 31)
    refresh(stolen)

    assert refresh(other.refresh).status == 200


def test_a_session_lives_from_its_last_refresh_but_180_days_at_most(alice: Caller) -> None:
    token = open_session(alice.user).refresh
    born = datetime.now(UTC) - timedelta(days=170)
    Session.objects.filter(user_id=alice.id).update(created_at=born)

    refreshed = refresh(token).json["refresh_token"]

    expiry = jwt.decode(refreshed, options={"verify_signature": False})["exp"]
    assert abs(expiry - (born + timedelta(days=180)).timestamp()) < 2


def test_a_session_past_its_end_is_over_for_both_tokens(alice: Caller) -> None:
    pair = open_session(alice.user)
    Session.objects.filter(user_id=alice.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert refresh(pair.refresh).is_problem(401, "session_ended")
    assert alice.get("/api/auth/me").is_problem(401, "session_ended")


def test_an_access_token_is_no_refresh_token_and_the_reverse(alice: Caller, anonymous: Caller) -> None:
    pair = open_session(alice.user)

    assert refresh(pair.access).is_problem(401, "token_invalid")
    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {pair.refresh}").is_problem(401, "token_invalid")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * 9000])
def test_what_is_no_token_is_refused(db: None, token: str) -> None:
    assert refresh(token).is_problem(422 if token == "" else 401)


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": 5}])
def test_a_missing_token_or_wrong_type_is_422(anonymous: Caller, body: object) -> None:
    assert anonymous.post(REFRESH, body).is_problem(422, "invalid")


def test_a_disabled_users_tokens_are_refused(alice: Caller) -> None:
    pair = open_session(alice.user)
    User.objects.filter(id=alice.id).update(is_active=False)

    assert refresh(pair.refresh).is_problem(401, "session_ended")
    assert alice.get("/api/auth/me").is_problem(401, "session_ended")


def test_a_session_that_refreshes_was_seen(alice: Caller) -> None:
    pair = open_session(alice.user)
    since = datetime.now(UTC)
    Session.objects.filter(user_id=alice.id).update(last_seen_at=since - timedelta(hours=1))

    refresh(pair.refresh)

    assert Session.objects.filter(user_id=alice.id, last_seen_at__gte=since).count() == 1


def test_refreshes_of_one_ipv6_network_are_counted_together(alice: Caller) -> None:
    token = open_session(alice.user).refresh
    client = Caller().client

    answers = [
        client.post(REFRESH, {"refresh_token": token}, "application/json", REMOTE_ADDR=f"2001:db8::{number}")
        for number in (1, 2)
    ]

    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["59", "58"]
