"""Well-signed tokens of both outside sources whose header or claims make them 401, never 500."""

import time
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.tests.conftest import SHARED_SECRET
from testing.issuers import Issuer, bearer, compact, hmac_signer

DAY = 24 * 3600


def faults(now: int) -> dict[str, dict[str, Any]]:
    """Changes to a good token's claims; ``...`` leaves one out."""
    return {
        # Without an end.
        "exp-missing": {"exp": ...},
        "exp-null": {"exp": None},
        # No numbers.
        "exp-text": {"exp": str(now + 900)},
        "exp-true": {"exp": True},
        "exp-list": {"exp": [now + 900]},
        "exp-nan": {"exp": float("nan")},
        "exp-infinite": {"exp": float("inf")},
        "iat-text": {"iat": str(now)},
        "iat-true": {"iat": True, "exp": now + 900},
        "nbf-true": {"nbf": True},
        "nbf-text": {"nbf": str(now)},
        # Out of range.
        "exp-giant": {"exp": 10**400},
        "exp-32-days-after-iat": {"exp": now + 32 * DAY},
        "exp-32-days-away-without-iat": {"iat": ..., "exp": now + 32 * DAY},
        "iat-years-ago": {"iat": now - 1000 * DAY},
        "iat-giant": {"iat": -(10**400)},
        "iat-in-two-minutes": {"iat": now + 120},
        "nbf-in-two-minutes": {"nbf": now + 120},
        # Nobody, or nobody who could have a path here.
        "sub-missing": {"sub": ...},
        "sub-missing-with-email-and-userId": {"sub": ..., "email": "ada@example.com", "userId": "1", "id": "1"},
        "sub-null": {"sub": None},
        "sub-number": {"sub": 1},
        "sub-list": {"sub": ["1"]},
        "sub-empty": {"sub": ""},
        "sub-slash": {"sub": "a/b"},
        "sub-dot": {"sub": "."},
        "sub-dots": {"sub": ".."},
        "sub-admin": {"sub": "admin"},
        "sub-auth": {"sub": "auth"},
        "sub-tasks": {"sub": "tasks"},
        "sub-chat": {"sub": "chat"},
        "sub-conversations": {"sub": "conversations"},
        "sub-users": {"sub": "users"},
        "sub-v1": {"sub": "v1"},
        "sub-register": {"sub": "register"},
        "sub-signup": {"sub": "signup"},
        "sub-login": {"sub": "login"},
        "sub-signin": {"sub": "signin"},
        "sub-space": {"sub": "a b"},
        "sub-newline": {"sub": "a\n"},
        "sub-nul": {"sub": "a\0"},
        "sub-lone-surrogate": {"sub": "a\ud800"},
        "sub-other-script": {"sub": "\u0430lice"},
        "sub-129-characters": {"sub": "a" * 129},
        # Signed by the same party for another purpose.
        "cookie-cache": {"session": {"userId": "1", "token": "t"}, "user": {"id": "1"}},
        "cookie-cache-null": {"session": None},
        "email-change": {"email": "a@example.com", "updateTo": "b@example.com"},
        "email-change-request": {"email": "a@example.com", "requestType": "change-email-verification"},
        "typ-refresh": {"typ": "Refresh"},
        "type-refresh": {"type": "refresh"},
        "token_type-refresh": {"token_type": "refresh"},
        "token_use-id": {"token_use": "id"},
        "type-list": {"type": ["access"]},
        "jti-number": {"jti": 1},
        # Not a name anybody can have; an empty one would be our own accounts'.
        "iss-empty": {"iss": ""},
        "iss-null": {"iss": None},
        "iss-list": {"iss": ["todo-backend"]},
        "iss-nul": {"iss": "a\0"},
        "iss-lone-surrogate": {"iss": "\ud800"},
        "iss-256-characters": {"iss": "a" * 256},
    }


HEADERS: dict[str, dict[str, Any]] = {
    "crit-unknown": {"crit": ["exp"]},
    "crit-empty": {"crit": []},
    "crit-b64": {"crit": ["b64"], "b64": True},
    "b64-false": {"b64": False},
    "b64-false-critical": {"b64": False, "crit": ["b64"]},
    "typ-refresh": {"typ": "refresh+jwt"},
    "typ-cookie-cache": {"typ": "better-auth.session-cache+jwt"},
    "typ-list": {"typ": ["JWT"]},
    "kid-number": {"kid": 1},
    "kid-null": {"kid": None},
    "kid-list": {"kid": ["first"]},
}


def shared_token(issuer: Issuer, header: dict[str, Any] | None = None, **claims: Any) -> str:
    return compact({"alg": "HS256", **(header or {})}, issuer.claims(**claims), hmac_signer(SHARED_SECRET))


SOURCES: dict[str, Callable[..., str]] = {"jwks": Issuer.token, "shared": shared_token}
each_source = pytest.mark.parametrize("source", SOURCES)


@each_source
@pytest.mark.parametrize("header", [{}, {"typ": "JWT"}, {"typ": "at+jwt"}])
def test_the_same_token_without_a_fault_is_accepted(issuer: Issuer, source: str, header: dict[str, Any]) -> None:
    token = SOURCES[source](
        issuer, header=header, email="a@example.com", jti="x", type=None, typ="Bearer", nbf=int(time.time())
    )

    assert bearer(token).get("/api/auth/me").status == 200


@each_source
@pytest.mark.parametrize("fault", faults(0))
def test_a_token_with_this_claim_is_refused(issuer: Issuer, source: str, fault: str) -> None:
    answer = bearer(SOURCES[source](issuer, **faults(int(time.time()))[fault])).get("/api/auth/me")

    assert answer.is_problem(401), answer
    assert not User.objects.exists()


@each_source
@pytest.mark.parametrize("fault", HEADERS)
def test_a_token_with_this_header_is_refused(issuer: Issuer, source: str, fault: str) -> None:
    answer = bearer(SOURCES[source](issuer, header=HEADERS[fault])).get("/api/auth/me")

    assert answer.is_problem(401, "token_invalid"), answer
    assert not User.objects.exists()


@each_source
def test_half_a_minute_of_clock_difference_is_forgiven_and_no_more(issuer: Issuer, source: str) -> None:
    def status(**claims: int) -> int:
        return bearer(SOURCES[source](issuer, **claims)).get("/api/auth/me").status

    now = int(time.time())
    assert status(exp=now - 20) == status(iat=now + 20) == status(nbf=now + 20) == 200
    assert status(exp=now - 30) == status(iat=now + 40) == status(nbf=now + 40) == 401


def test_it_is_forgiven_to_the_second(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyJWT takes a token until its end, and from its beginning on."""
    token = issuer.token(iat=1_800_000_000, exp=1_800_000_900)
    bearer(token).get("/api/auth/me")

    def status(second: float) -> int:
        clock = SimpleNamespace(now=lambda tz: datetime.fromtimestamp(second, tz))
        monkeypatch.setattr("jwt.api_jwt.datetime", clock)
        return bearer(token).get("/api/auth/me").status

    assert [status(1_800_000_000 + late) for late in (-30.5, -30, 929.5, 930)] == [401, 200, 200, 401]


def test_an_instant_is_in_a_year_of_four_digits(issuer: Issuer) -> None:
    first = -253_402_300_799

    found = [bearer(shared_token(issuer, nbf=second)).get("/api/auth/me").status for second in (first, first - 1)]

    assert found == [200, 401]


@each_source
def test_a_token_lives_thirty_one_days_and_no_more(issuer: Issuer, source: str) -> None:
    now = int(time.time())
    longest = SOURCES[source](issuer, iat=now, exp=now + 31 * DAY)
    longer = SOURCES[source](issuer, iat=now, exp=now + 31 * DAY + 1)

    assert bearer(longest).get("/api/auth/me").status == 200
    assert bearer(longer).get("/api/auth/me").is_problem(401, "token_invalid")


def test_a_token_without_its_age_is_as_old_as_it_may_be(issuer: Issuer) -> None:
    now = int(time.time())

    assert bearer(shared_token(issuer, iat=..., exp=now + 31 * DAY)).get("/api/auth/me").status == 200
    too_long = shared_token(issuer, iat=..., exp=now + 31 * DAY + 300)
    assert bearer(too_long).get("/api/auth/me").is_problem(401, "token_invalid")


@each_source
def test_an_expired_token_says_so(issuer: Issuer, source: str) -> None:
    now = int(time.time())
    token = SOURCES[source](issuer, iat=now - 1800, exp=now - 900)

    assert bearer(token).get("/api/auth/me").is_problem(401, "token_expired")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example.com"},
        {"iss": ...},
        {"aud": "https://elsewhere.example.com"},
        {"aud": ...},
        {"aud": ""},
        {"aud": []},
        {"aud": ["https://elsewhere.example.com"]},
        {"aud": {"1": "x"}},
        {"aud": 1},
        {"iat": ...},
    ],
    ids=str,
)
def test_issuer_audience_and_age_are_required_of_the_key_set(issuer: Issuer, claims: dict[str, Any]) -> None:
    assert bearer(issuer.token(**claims)).get("/api/auth/me").is_problem(401, "token_invalid")


def test_an_audience_among_strangers_is_refused_and_among_friends_accepted(issuer: Issuer) -> None:
    odd = issuer.token(aud=[issuer.origin, 1])
    assert bearer(odd).get("/api/auth/me").is_problem(401, "token_invalid")

    assert bearer(issuer.token(aud=["other", issuer.origin])).get("/api/auth/me").status == 200


def test_the_shared_secret_checks_issuer_and_audience_once_they_are_set(issuer: Issuer, settings: Settings) -> None:
    def status(**claims: Any) -> int:
        return bearer(shared_token(issuer, **claims)).get("/api/auth/me").status

    assert status(sub="a", iss="https://a.example.com", aud="anything") == 200
    settings.JWT_ISSUER = settings.SHARED_ISSUER = "https://b.example.com"
    settings.JWT_AUDIENCE = settings.SHARED_AUDIENCE = "todo"

    assert status(sub="b", iss="https://b.example.com", aud="todo") == 200
    assert status(sub="c", iss=..., aud=["todo"]) == 200
    assert User.objects.get(id="c").issuer == "https://b.example.com"
    assert status(sub="b", iss="https://a.example.com", aud="todo") == 401
    assert status(sub="b", iss="https://b.example.com", aud="other") == 401
    assert status(sub="b", iss="https://b.example.com", aud=...) == 401


@pytest.mark.parametrize(
    ("issuer_name", "origin", "expected"),
    [
        ("https://a.example.com", "https://b.example.com", "https://a.example.com"),
        (None, "https://b.example.com", "https://b.example.com"),
        (None, None, "better-auth"),
    ],
)
def test_a_token_that_names_no_issuer_is_of_the_one_that_is_set(
    issuer: Issuer, settings: Settings, issuer_name: str | None, origin: str | None, expected: str
) -> None:
    settings.JWT_ISSUER, settings.BETTER_AUTH_ORIGIN = issuer_name, origin

    assert bearer(shared_token(issuer, iss=..., sub="c")).get("/api/auth/me").status == 200

    assert User.objects.get(id="c").issuer == expected


def test_a_token_without_its_age_is_refused_after_a_logout_everywhere(issuer: Issuer) -> None:
    """Nothing says that it is newer."""
    undated = bearer(shared_token(issuer, iat=...))
    assert undated.get("/api/auth/me").status == 200

    assert bearer(shared_token(issuer)).post("/api/auth/logout-all").status == 200

    assert undated.get("/api/auth/me").is_problem(401, "token_invalid")
