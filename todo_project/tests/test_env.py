from pathlib import Path
from typing import Any

import pytest

from assistant.providers.base import GEMINI_URL, LanguageModel
from core.limits.allowances import Rate
from todo_project.env import values
from todo_project.env.reader import EnvError
from todo_project.env.values import Env

pytestmark = pytest.mark.once

SECRET = "only-for-tests-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
OTHER_SECRET = "another-for-tests-aR7uE2iO4pX9bYp2vQ7sT4wZ1xC6"
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "todo.example.com"}


def read(**source: str) -> Env:
    return values.read({"SECRET_KEY": SECRET, **source})


def refusal(source: dict[str, str]) -> str:
    with pytest.raises(EnvError) as caught:
        values.read(source)
    # Nothing a log would print of the cause may hold more than the message does.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_an_empty_time_to_prune_at_is_off_and_none_is_the_default() -> None:
    assert read(PRUNE_AT="").prune_at is None
    assert str(read().prune_at) == "03:00:00"
    assert str(read(PRUNE_AT="23:59").prune_at) == "23:59:00"
    for wrong in ("24:00", "3", "03:00:00"):
        assert refusal({"SECRET_KEY": SECRET, "PRUNE_AT": wrong}).startswith("PRUNE_AT must be a time of day")


def test_the_defaults_are_those_of_the_table() -> None:
    found = read()
    assert (found.environment, found.algorithm, found.log_level) == ("development", "HS256", "INFO")
    assert (found.access_token_seconds, found.refresh_token_days) == (1800, 30)
    assert found.better_auth_secret is found.better_auth_url is found.jwks_url is None
    assert found.jwt_issuer is found.jwt_audience is found.admin_user_id is found.redis_url is None
    assert found.allowed_origins[0] == "http://localhost:3000"
    assert found.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert found.csrf_trusted_origins == ()
    assert (found.host, found.port, found.web_concurrency) == ("0.0.0.0", 8000, None)  # noqa: S104 - the default
    assert (found.db_pool_size, found.db_max_overflow) == (5, 10)
    assert (found.db_pool_pre_ping, found.db_pool_recycle_seconds) == (True, 300)
    assert (found.list_envelope, found.complete_without_body, found.page_size) == (True, "toggle", 10_000)
    assert (found.language_model, found.llm_daily_tokens, found.trusted_proxies) == (None, 200_000, 0)
    assert (found.auth_rate_limit, found.api_rate_limit, found.chat_rate_limit) == (
        Rate(5, 60), Rate(1000, 60), Rate(20, 60),
    )  # fmt: skip
    assert found.database["ENGINE"] == "django.db.backends.sqlite3"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("ENVIRONMENT", "Development", "environment", "development"),
        ("SECRET_KEY", "k" * 32, "secret_key", "k" * 32),
        ("SECRET_KEY", "é" * 16, "secret_key", "é" * 16),
        ("ALGORITHM", "hs512", "algorithm", "HS512"),
        ("JWT_ALGORITHM", "HS384", "algorithm", "HS384"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440", "access_token_seconds", 86_400),
        ("JWT_EXPIRATION_DELTA", "604800", "access_token_seconds", 604_800),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "180", "refresh_token_days", 180),
        ("CORS_ORIGINS", "https://a.example.com", "allowed_origins", ("https://a.example.com",)),
        ("CORS_ALLOWED_ORIGINS", '["http://a:3000"]', "allowed_origins", ("http://a:3000",)),
        ("ALLOWED_HOSTS", "a.example.com, .b.example.com", "allowed_hosts", ("a.example.com", ".b.example.com")),
        ("ALLOWED_HOSTS", "[::1],A.example.com", "allowed_hosts", ("[::1]", "a.example.com")),
        ("ALLOWED_HOSTS", '["a.example.com", "*"]', "allowed_hosts", ("a.example.com", "*")),
        ("ALLOWED_HOSTS", " , ", "allowed_hosts", ("localhost", "127.0.0.1", "[::1]")),
        ("CSRF_TRUSTED_ORIGINS", "https://*.example.com", "csrf_trusted_origins", ("https://*.example.com",)),
        ("ADMIN_USER_ID", "auth0|123", "admin_user_id", "auth0|123"),
        ("ADMIN_USER_ID", "1", "admin_user_id", "1"),
        ("ADMIN_REQUIRE_TOTP", "yes", "admin_require_totp", True),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("HOST", "::", "host", "::"),
        ("HOST", "[::1]", "host", "::1"),
        ("HOST", "localhost", "host", "localhost"),
        ("PORT", "7860", "port", 7860),
        ("WEB_CONCURRENCY", "3", "web_concurrency", 3),
        ("CPU_AFFINITY", "false", "cpu_affinity", False),
        ("CPU_AFFINITY", "", "cpu_affinity", None),
        ("DB_POOL_SIZE", "0", "db_pool_size", 0),
        ("DB_MAX_OVERFLOW", "0", "db_max_overflow", 0),
        ("DB_POOL_PRE_PING", "False", "db_pool_pre_ping", False),
        ("DB_POOL_RECYCLE", "1800", "db_pool_recycle_seconds", 1800),
        ("LIST_ENVELOPE", "off", "list_envelope", False),
        ("COMPLETE_WITHOUT_BODY", "complete", "complete_without_body", "complete"),
        ("PAGE_SIZE", "1", "page_size", 1),
        ("LLM_FIRST_BYTE_SECONDS", "90", "llm_first_byte_seconds", 90),
        ("LLM_DAILY_TOKENS", "0", "llm_daily_tokens", 0),
        ("REDIS_URL", "rediss://:p%40ss@cache:6380/1", "redis_url", "rediss://:p%40ss@cache:6380/1"),
        ("TRUSTED_PROXIES", "2", "trusted_proxies", 2),
        ("AUTH_RATE_LIMIT", "10/second", "auth_rate_limit", Rate(10, 1)),
        ("API_RATE_LIMIT", "9999/hour", "api_rate_limit", Rate(9999, 3600)),
        ("CHAT_RATE_LIMIT", "1/d", "chat_rate_limit", Rate(1, 86_400)),
        ("DATE_ORDER", "dmy", "date_order", "dmy"),
    ],
)
def test_a_good_value_arrives(name: str, value: str, field: str, expected: Any) -> None:
    found = read(**{name: value})
    assert getattr(found, field) == expected
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("SECRET_KEY", "k" * 31),
        ("JWT_SECRET", "short-and-secret"),
        ("BETTER_AUTH_SECRET", "short-and-secret"),
        ("BETTER_AUTH_SECRET", "k" * 40 + "\udcff"),
        ("SECRET_KEY", "k" * 40 + "\n" + "k" * 40),
        ("ALGORITHM", "none"),
        ("JWT_ALGORITHM", "RS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30m"),
        ("JWT_EXPIRATION_DELTA", "59"),
        ("JWT_EXPIRATION_DELTA", "1.5"),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "181"),
        ("ALLOWED_HOSTS", "https://todo.example.com"),
        ("ALLOWED_HOSTS", "todo.example.com:8000"),
        ("ALLOWED_HOSTS", "todo.example.com/path"),
        ("ALLOWED_HOSTS", '["a", 1]'),
        ("CSRF_TRUSTED_ORIGINS", "todo.example.com"),
        ("CSRF_TRUSTED_ORIGINS", "*"),
        ("ADMIN_USER_ID", "admin"),
        ("ADMIN_USER_ID", "tasks"),
        ("ADMIN_USER_ID", ".."),
        ("ADMIN_USER_ID", "a/b"),
        ("ADMIN_USER_ID", "a" * 129),
        ("LOG_LEVEL", "verbose"),
        ("HOST", "not a host"),
        ("HOST", "example.com:8000"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "8_000"),
        ("WEB_CONCURRENCY", "many"),
        ("CPU_AFFINITY", "0-3"),
        ("DB_POOL_SIZE", "-1"),
        ("DB_MAX_OVERFLOW", "ten"),
        ("DB_POOL_PRE_PING", "maybe"),
        ("DB_POOL_RECYCLE", "0"),
        ("LIST_ENVELOPE", "2"),
        ("COMPLETE_WITHOUT_BODY", "flip"),
        ("PAGE_SIZE", "0"),
        ("LLM_BASE_URL", "ftp://models.example.com"),
        ("LLM_MODEL", "a\tmodel"),
        ("LLM_API_KEY", "secret\nkey"),
        ("GOOGLE_GEMINI_API_KEY", "secret\nkey"),
        ("GEMINI_API_KEY", "secret\x00key"),
        ("OPENAI_API_KEY", "secret\x7fkey"),
        ("LLM_FIRST_BYTE_SECONDS", "0"),
        ("LLM_FIRST_BYTE_SECONDS", "601"),
        ("LLM_FIRST_BYTE_SECONDS", "soon"),
        ("LLM_DAILY_TOKENS", "-5"),
        ("REDIS_URL", "http://:secret@cache"),
        ("REDIS_URL", "redis://:sec ret@cache"),
        ("REDIS_URL", "redis://:secret@cache:notaport"),
        ("TRUSTED_PROXIES", "yes"),
        ("AUTH_RATE_LIMIT", "5"),
        ("API_RATE_LIMIT", "0/min"),
        ("CHAT_RATE_LIMIT", "20/fortnight"),
        ("DATE_ORDER", "ydm"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_hides_the_value(name: str, value: str) -> None:
    line = refusal({"SECRET_KEY": SECRET, name: value})
    assert line.startswith(f"{name} ")
    assert line.endswith(".")
    assert line.isprintable()
    assert len(value) < 4 or value not in line


def test_names_lists_every_setting_and_alias() -> None:
    aliases = {"NEON_DB_URL", "JWT_SECRET", "JWT_ALGORITHM", "JWT_EXPIRATION_DELTA", "CORS_ORIGINS"}
    aliases |= {"CORS_ALLOWED_ORIGINS", "GEMINI_API_KEY"}
    settings = {"DATABASE_URL", "SECRET_KEY", "JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE", "BETTER_AUTH_URL", "HOST"}
    assert aliases | settings <= values.names()


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_value_counts_as_unset(value: str) -> None:
    found = read(**dict.fromkeys(values.names() - {"SECRET_KEY"}, value) | {"JWT_EXPIRATION_DELTA": "600"})
    assert (found.port, found.allowed_hosts[0], found.jwks_url) == (8000, "localhost", None)
    # An empty first name leaves the alias its turn.
    assert found.access_token_seconds == 600


def test_the_first_language_model_group_that_is_set_wins() -> None:
    keys = {"OPENAI_API_KEY": "open"}
    assert read(**keys).language_model == LanguageModel(provider="openai", api_key="open", base_url=None, model=None)
    keys["GEMINI_API_KEY"] = "gem"
    assert read(**keys).language_model == LanguageModel(
        provider="gemini", api_key="gem", base_url=GEMINI_URL, model=None
    )
    keys |= {"LLM_BASE_URL": "http://localhost:11434/v1", "LLM_MODEL": "small"}
    assert read(**keys).language_model == LanguageModel(
        provider="openai", api_key=None, base_url="http://localhost:11434/v1", model="small"
    )


def test_an_endpoint_of_one_s_own_needs_a_model() -> None:
    line = refusal({"SECRET_KEY": SECRET, "LLM_BASE_URL": "http://localhost:11434/v1", "OPENAI_API_KEY": "open"})
    assert line == "LLM_MODEL is required with LLM_BASE_URL: only the endpoint's owner knows its models."


def test_a_key_of_one_s_own_alone_is_for_openai() -> None:
    found = read(LLM_API_KEY="own", GEMINI_API_KEY="gem").language_model
    assert found == LanguageModel(provider="openai", api_key="own", base_url=None, model=None)
    assert "own" not in repr(found)


def test_the_development_secret_is_made_once_and_for_its_owner_s_eyes(tmp_path: Path) -> None:
    made = values.read({}, tmp_path).secret_key
    assert len(made) >= 32
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert values.read({}, tmp_path).secret_key == made
