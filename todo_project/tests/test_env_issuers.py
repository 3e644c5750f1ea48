"""Which outside tokens are trusted, and what production refuses."""

import pytest

from todo_project.env import values
from todo_project.tests.test_env import OTHER_SECRET, PRODUCTION, SECRET, read, refusal

pytestmark = pytest.mark.once

JWKS = "https://app.example.com/api/auth/jwks"


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in PRODUCTION.items() if name not in names}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (without("SECRET_KEY"), "SECRET_KEY"),
        (PRODUCTION | {"SECRET_KEY": "short"}, "SECRET_KEY"),
        (without("SECRET_KEY") | {"JWT_SECRET": "short"}, "JWT_SECRET"),
        (without("ALLOWED_HOSTS"), "ALLOWED_HOSTS"),
        (PRODUCTION | {"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
        (PRODUCTION | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        (PRODUCTION | {"ALLOWED_HOSTS": "todo.example.com,*"}, "ALLOWED_HOSTS"),
        (PRODUCTION | {"JWKS_URL": "http://app.example.com/jwks", "BETTER_AUTH_URL": "https://a"}, "JWKS_URL"),
        (PRODUCTION | {"JWKS_URL": "http://localhost.evil.org/jwks", "BETTER_AUTH_URL": "https://a"}, "JWKS_URL"),
        (PRODUCTION | {"JWKS_URL": "http://127.0.0.1@evil.org/jwks", "BETTER_AUTH_URL": "https://a"}, "JWKS_URL"),
        (PRODUCTION | {"BETTER_AUTH_SECRET": "short"}, "BETTER_AUTH_SECRET"),
    ],
)  # fmt: skip
def test_production_refuses(source: dict[str, str], named: str) -> None:
    assert refusal(source).startswith(f"{named} ")


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"DATABASE_URL": "sqlite:///db.sqlite3"},
        {"ALLOWED_ORIGINS": "*"},
        {"ALLOWED_ORIGINS": "http://app.example.com"},
        {"BETTER_AUTH_URL": "http://app.example.com"},
        {"LOG_LEVEL": "DEBUG", "AUTH_RATE_LIMIT": "9999/s", "TRUSTED_PROXIES": "0"},
        {"ALLOWED_HOSTS": ".example.com"},
        {"CSRF_TRUSTED_ORIGINS": "http://todo.example.com"},
        {"LLM_BASE_URL": "http://models.example.com", "LLM_MODEL": "small"},
        {"JWKS_URL": "http://localhost:3000/api/auth/jwks", "BETTER_AUTH_URL": "http://localhost:3000"},
        {"JWKS_URL": "http://[::1]:3000/jwks", "BETTER_AUTH_URL": "http://localhost:3000"},
        {"JWKS_URL": "http://127.0.0.1:3000/jwks", "JWT_ISSUER": "a", "JWT_AUDIENCE": "b"},
    ],
)
def test_production_refuses_nothing_else(extra: dict[str, str]) -> None:
    assert values.read(PRODUCTION | extra).is_production


def test_development_takes_plain_http_and_any_host() -> None:
    found = read(JWKS_URL="http://app.example.com/jwks", BETTER_AUTH_URL="http://app.example.com", ALLOWED_HOSTS="*")
    assert (found.jwks_url, found.allowed_hosts) == ("http://app.example.com/jwks", ("*",))


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({}, "JWT_ISSUER"),
        ({"JWT_AUDIENCE": "todo"}, "JWT_ISSUER"),
        ({"JWT_ISSUER": "https://app.example.com"}, "JWT_AUDIENCE"),
        ({"JWT_ISSUER": "  ", "JWT_AUDIENCE": "todo"}, "JWT_ISSUER"),
    ],
)
def test_jwks_needs_an_issuer_and_an_audience(extra: dict[str, str], named: str) -> None:
    line = refusal({"SECRET_KEY": SECRET, "JWKS_URL": JWKS, **extra})
    assert line == f"{named} (or BETTER_AUTH_URL) is required with JWKS_URL."


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://app.example.com", "https://app.example.com"),
        ("https://App.Example.com:443/api/auth?x=1", "https://app.example.com"),
        ("http://localhost:3000/api/auth/", "http://localhost:3000"),
        ("HTTP://user:pass@app.example.com:80/", "http://app.example.com"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_the_origin_of_better_auth_serves_for_either(url: str, origin: str) -> None:
    found = read(JWKS_URL=JWKS, BETTER_AUTH_URL=url)
    assert (found.jwt_issuer, found.jwt_audience, found.better_auth_origin) == (origin, origin, origin)
    found = read(JWKS_URL=JWKS, BETTER_AUTH_URL=url, JWT_AUDIENCE="todo")
    assert (found.jwt_issuer, found.jwt_audience) == (origin, "todo")
    found = read(JWKS_URL=JWKS, BETTER_AUTH_URL=url, JWT_ISSUER="me")
    assert (found.jwt_issuer, found.jwt_audience) == ("me", origin)


def test_better_auth_url_by_itself_switches_nothing_on() -> None:
    found = read(BETTER_AUTH_URL="https://app.example.com")
    assert found.better_auth_secret is found.jwks_url is found.jwt_issuer is found.jwt_audience is None


def test_tokens_under_the_shared_secret_are_held_only_to_what_was_set() -> None:
    both = {"BETTER_AUTH_SECRET": OTHER_SECRET, "JWKS_URL": JWKS, "BETTER_AUTH_URL": "https://app.example.com"}
    found = read(**both)
    assert found.shared_issuer is found.shared_audience is None
    found = read(**both, JWT_ISSUER="me", JWT_AUDIENCE="todo")
    assert (found.shared_issuer, found.shared_audience) == ("me", "todo")


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET"])
def test_the_shared_secret_is_not_our_own(name: str) -> None:
    line = refusal({name: SECRET, "BETTER_AUTH_SECRET": SECRET})
    assert line == "BETTER_AUTH_SECRET must not equal SECRET_KEY."


@pytest.mark.parametrize("name", ["JWKS_URL", "BETTER_AUTH_URL"])
@pytest.mark.parametrize(
    "value",
    [
        "app.example.com", "file:///etc/passwd", "https://:1", "https://a b", "https://a:port", "https://a\nb", "https://[a",
        "https://user:hidden@ex℀mple.com/",
    ],
)  # fmt: skip
def test_a_bad_url_is_named_and_not_quoted(name: str, value: str) -> None:
    line = refusal({"SECRET_KEY": SECRET, "JWT_ISSUER": "a", "JWT_AUDIENCE": "b", name: value})
    assert line.startswith(f"{name} must be a ")
    assert value not in line
    assert "hidden" not in line
