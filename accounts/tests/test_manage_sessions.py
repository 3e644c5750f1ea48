import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuthEvent, Session, User
from accounts.sessions import callers, ending
from accounts.sessions.starting import start_session
from core.errors import Unauthenticated
from testing.callers import CLIENT, Caller, open_session
from testing.issuers import Issuer, bearer

SESSIONS = "/api/auth/sessions"


def test_the_caller_sees_their_live_sessions(alice: Caller, bob: Caller) -> None:
    open_session(alice.user)

    answer = alice.get(SESSIONS)

    assert answer.status == 200
    assert [entry["current"] for entry in answer.json["data"]].count(True) == 1
    assert len(answer.json["data"]) == 2
    for entry in answer.json["data"]:
        assert set(entry) == {"id", "current", "user_agent", "address", "created_at", "last_seen_at"}
        assert entry["address"] == "127.0.0.1"
        assert entry["created_at"].endswith("Z")
    assert "hash" not in answer.content.decode()


def test_a_login_notes_where_it_came_from(anonymous: Caller) -> None:
    credentials = {"email": "carol@example.com", "password": "correct horse battery"}
    token = anonymous.post("/api/auth/signup", credentials, User_Agent="Browser\x00 1.0 " + "x" * 300).json

    session = Caller().get(SESSIONS, Authorization=f"Bearer {token['access_token']}").json["data"][0]

    assert session["user_agent"].startswith("Browser 1.0 x")
    assert len(session["user_agent"]) == 255


def test_one_of_them_is_ended_by_id(alice: Caller) -> None:
    other = open_session(alice.user)
    other_id = next(entry["id"] for entry in alice.get(SESSIONS).json["data"] if not entry["current"])

    assert alice.delete(f"{SESSIONS}/{other_id}").status == 204

    assert Caller().get("/api/auth/me", Authorization=f"Bearer {other.access}").is_problem(401, "session_ended")
    assert alice.get("/api/auth/me").status == 200
    assert alice.delete(f"{SESSIONS}/{other_id}").is_problem(404, "session_not_found")


def test_the_end_of_one_is_written_down_and_a_refusal_is_not(alice: Caller, bob: Caller) -> None:
    other = Session.objects.get(user_id=bob.id).id
    own = Session.objects.get(user_id=alice.id).id
    open_session(alice.user)

    for session in (other, own, own):
        alice.delete(f"{SESSIONS}/{session}")

    event = AuthEvent.objects.get(kind="sessions_ended")
    assert (event.subject, event.actor, event.changes) == (alice.id, alice.id, {"session": [str(own), None]})


@pytest.mark.parametrize("session", [str(uuid.UUID(int=1)), "x", "-" * 36, "%00"])
def test_what_is_no_session_of_the_callers_is_404(alice: Caller, session: str) -> None:
    assert alice.delete(f"{SESSIONS}/{session}").is_problem(404, "session_not_found")


def test_another_users_session_is_404_and_lives_on(alice: Caller, bob: Caller) -> None:
    session = Session.objects.get(user_id=alice.id)

    assert bob.delete(f"{SESSIONS}/{session.id}").is_problem(404, "session_not_found")

    assert alice.get("/api/auth/me").status == 200


def test_last_seen_is_written_at_most_once_a_minute(alice: Caller) -> None:
    with CaptureQueriesContext(connection) as queries:
        alice.get(alice.tasks)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]

    session = Session.objects.get(user_id=alice.id)
    long_ago = session.last_seen_at - timedelta(seconds=61)
    Session.objects.filter(user_id=alice.id).update(last_seen_at=long_ago)
    with CaptureQueriesContext(connection) as queries:
        alice.get(alice.tasks)
        alice.get(alice.tasks)

    assert len([query for query in queries if query["sql"].startswith("UPDATE")]) == 1
    assert Session.objects.get(user_id=alice.id).last_seen_at >= session.last_seen_at


def test_an_outside_caller_has_none(issuer: Issuer) -> None:
    assert bearer(issuer.token()).get(SESSIONS).json == {"data": []}


def test_one_that_has_expired_is_not_shown_and_cannot_be_ended(alice: Caller) -> None:
    open_session(alice.user)
    other_id = next(entry["id"] for entry in alice.get(SESSIONS).json["data"] if not entry["current"])
    Session.objects.filter(user_id=alice.id, id=other_id).update(expires_at=timezone.now())

    assert [entry["current"] for entry in alice.get(SESSIONS).json["data"]] == [True]
    assert alice.delete(f"{SESSIONS}/{other_id}").is_problem(404, "session_not_found")


def test_that_one_was_seen_is_noted_of_it_alone_and_where_it_is_a_minute_ago(alice: Caller) -> None:
    open_session(alice.user)
    now = timezone.now()
    first, second = Session.objects.filter(user_id=alice.id).order_by("id")

    def noted(age: timedelta) -> list[bool]:
        Session.objects.filter(user_id=alice.id).update(last_seen_at=now - age)
        callers.note_seen(alice.id, first.id)
        seen = dict(Session.objects.filter(user_id=alice.id).values_list("id", "last_seen_at"))
        return [seen[session.id] >= now for session in (first, second)]

    assert noted(timedelta(seconds=61)) == [True, False]
    assert noted(timedelta(seconds=50)) == [False, False]


def test_one_that_has_ended_ended_then(alice: Caller) -> None:
    then = timezone.now() - timedelta(hours=1)
    first = Session.objects.filter(user_id=alice.id).get()
    Session.objects.filter(user_id=alice.id).update(ended_at=then)
    open_session(alice.user)

    assert ending.end_session(alice.id, first.id) is False
    assert ending.end_sessions(alice.id) == 1

    assert Session.objects.filter(user_id=alice.id).earliest("id").ended_at == then


def test_all_at_once_is_counted_once(alice: Caller) -> None:
    assert ending.end_everything(alice.user) is True
    assert ending.end_everything(alice.user) is False

    assert User.objects.get(id=alice.id).session_epoch == 2


def test_an_outside_account_may_have_had_a_token(db: None) -> None:
    assert ending.end_everything(User.objects.create(id="erin", issuer="https://issuer.example")) is True


@pytest.mark.parametrize("changed", [{"password": "another"}, {"is_active": False}])
def test_none_begins_for_who_is_not_as_they_were(alice: Caller, changed: dict[str, object]) -> None:
    User.objects.filter(id=alice.id).update(**changed)

    with pytest.raises(Unauthenticated) as refusal:
        start_session(alice.user, CLIENT)

    assert refusal.value.code == "invalid_credentials"
    assert Session.objects.filter(user_id=alice.id).count() == 1
