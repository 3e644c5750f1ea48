import time

import pytest

from accounts import personal_tokens, roles
from accounts.models import AuthEvent, RefusedToken, Session, User
from testing.callers import CLIENT, Caller, make_token, open_session
from testing.issuers import Issuer, bearer

LOGOUT = "/api/auth/logout"


def test_an_access_token_ends_its_session_on_the_next_request(alice: Caller) -> None:
    other = open_session(alice.user)

    answer = alice.post(LOGOUT)

    assert answer.status == 200
    assert answer.json == {"message": "Logged out."}
    assert alice.get("/api/auth/me").is_problem(401, "session_ended")
    assert Caller().get("/api/auth/me", Authorization=f"Bearer {other.access}").status == 200
    assert AuthEvent.objects.get(kind="logout").subject == alice.id


def test_a_refresh_token_ends_its_session_too(alice: Caller, anonymous: Caller) -> None:
    pair = open_session(alice.user)

    assert anonymous.post(LOGOUT, {"refresh_token": pair.refresh}).status == 200

    assert anonymous.get("/api/auth/me", Authorization=f"Bearer {pair.access}").is_problem(401)
    assert alice.get("/api/auth/me").status == 200


@pytest.mark.parametrize("by_refresh_token", [True, False])
def test_logging_out_again_is_no_error(anonymous: Caller, alice: Caller, by_refresh_token: bool) -> None:
    pair = open_session(alice.user)
    body = {"refresh_token": pair.refresh} if by_refresh_token else None

    for _ in range(2):
        assert anonymous.post(LOGOUT, body, Authorization=f"Bearer {pair.access}").status == 200


def test_without_a_token_or_with_a_bad_one_it_is_401(anonymous: Caller) -> None:
    assert anonymous.post(LOGOUT).is_problem(401, "not_authenticated")
    assert anonymous.post(LOGOUT, Authorization="Bearer x.y.z").is_problem(401, "token_invalid")
    assert anonymous.post(LOGOUT, {"refresh_token": "x.y.z"}).is_problem(401, "token_invalid")
    assert anonymous.post(LOGOUT, {"refresh_token": 5}).is_problem(422, "invalid")


def test_an_outside_token_is_refused_from_then_on_and_no_other(issuer: Issuer) -> None:
    left, right = bearer(issuer.token(sub="1", jti="a")), bearer(issuer.token(sub="1", jti="b"))
    left.get("/api/auth/me")

    assert left.post(LOGOUT).status == 200
    assert left.post(LOGOUT).status == 200

    assert left.get("/api/auth/me").is_problem(401, "token_invalid")
    assert right.get("/api/auth/me").status == 200
    assert RefusedToken.objects.get().subject == "1"


def test_everywhere_means_every_session_of_the_caller_and_of_nobody_else(alice: Caller, bob: Caller) -> None:
    other = open_session(alice.user)

    answer = alice.post("/api/auth/logout-all")

    assert (answer.status, answer.json) == (200, {"message": "Logged out everywhere."})
    assert alice.get("/api/auth/me").is_problem(401)
    assert Caller().post("/api/auth/refresh", {"refresh_token": other.refresh}).is_problem(401, "session_ended")
    assert bob.get("/api/auth/me").status == 200
    assert not Session.objects.filter(user_id=alice.id, ended_at=None).exists()


def test_a_token_that_an_account_was_switched_off_with_stays_refused(issuer: Issuer) -> None:
    now = int(time.time())
    old, new = (bearer(issuer.token(sub="1", iat=issued)) for issued in (now, now + 5))
    assert old.get("/api/auth/me").status == 200
    user = User.objects.get(id="1")

    roles.disable_user(user, CLIENT)
    roles.enable_user(user, CLIENT)

    assert old.get("/api/auth/me").is_problem(401, "token_invalid")
    assert new.get("/api/auth/me").status == 200


def test_everywhere_refuses_every_outside_token_issued_until_now(issuer: Issuer) -> None:
    now = int(time.time())
    old = [bearer(issuer.token(sub="1", iat=now - age)) for age in (0, 60)]
    other = bearer(issuer.token(sub="2"))
    new = bearer(issuer.token(sub="1", iat=now + 5))

    assert old[0].post("/api/auth/logout-all").status == 200

    assert [caller.get("/api/auth/me").status for caller in old] == [401, 401]
    assert new.get("/api/auth/me").status == 200
    assert other.get("/api/auth/me").status == 200


def test_the_staff_sites_cookies_end_with_all_sessions(alice: Caller) -> None:
    before = alice.user.get_session_auth_hash()

    assert alice.post("/api/auth/logout-all").status == 200

    assert User.objects.get(id=alice.id).get_session_auth_hash() != before


def test_a_personal_token_is_no_session(alice: Caller) -> None:
    program = Caller(token=make_token(alice.user))

    assert program.post(LOGOUT).is_problem(403, "insufficient_scope")
    assert program.post("/api/auth/logout-all").is_problem(403, "insufficient_scope")
    personal_tokens.revoke_all(alice.id)
    assert program.post(LOGOUT).is_problem(401, "token_invalid")
    assert alice.get("/api/auth/me").status == 200


def test_a_logout_tells_how_many_are_left_this_minute(alice: Caller) -> None:
    answer = alice.post(LOGOUT)

    told = [answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    assert told == ["60", "59", "60"]
