"""Every setting of the service, read from the environment or ``.env``, typed and checked.

Names, aliases and defaults are those of the README's table. What later parts of the service use is
read from the first day as well, so that a deployment's typing error shows at once.
"""

import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

from todo_project import env_reader as parse
from todo_project.databases import parse_database_url
from todo_project.env_reader import EnvError, Rate, Reader

BASE_DIR: Final = Path(__file__).resolve().parent.parent
MIN_SECRET_BYTES: Final = 32
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DEVELOPMENT_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
GEMINI_URL: Final = "https://generativelanguage.googleapis.com/v1beta/openai/"
# Contract: also not a path segment of our own, and nothing a URL would fold away.
USER_ID: Final = re.compile(r"(?!(?:\.{1,2}|admin|auth)\Z)[A-Za-z0-9._|@:+=~-]{1,128}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """Where the assistant's model is: an OpenAI-compatible endpoint."""

    provider: str
    api_key: str | None
    base_url: str | None
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """The checked settings. ``warnings`` holds what is odd but no reason not to start."""

    environment: str
    secret_key: str
    algorithm: str
    access_token_seconds: int
    refresh_token_days: int
    better_auth_secret: str | None
    better_auth_url: str | None
    jwks_url: str | None
    jwt_issuer: str | None
    jwt_audience: str | None
    database: dict[str, Any]
    db_pool_size: int
    db_max_overflow: int
    db_pool_pre_ping: bool
    db_pool_recycle_seconds: int
    allowed_origins: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    admin_user_id: str | None
    log_level: str
    host: str
    port: int
    list_envelope: bool
    complete_without_body: str
    page_size: int
    language_model: LanguageModel | None
    llm_daily_tokens: int
    redis_url: str | None
    trusted_proxies: int
    auth_rate_limit: Rate
    api_rate_limit: Rate
    chat_rate_limit: Rate
    warnings: tuple[str, ...]

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def load() -> Env:
    """The environment over ``.env``; on a bad value one line on stderr, and the process ends.

    ``ENV_FILE`` names another file than ``.env``; empty, it names none.
    """
    file = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
    try:
        stored = dotenv_values(file, interpolate=False) if file else {}
        return read({name: value or "" for name, value in stored.items()} | dict(os.environ))
    except (EnvError, UnicodeDecodeError) as error:
        line = error if isinstance(error, EnvError) else f"{file} is not UTF-8 text."
        sys.exit(f"Configuration error: {line}")


def names() -> set[str]:
    """Every name and alias that is read."""
    reader = Reader({"SECRET_KEY": "x" * MIN_SECRET_BYTES})
    _read(reader, BASE_DIR)
    return reader.names


def read(source: Mapping[str, str], base_dir: Path = BASE_DIR) -> Env:
    """Raises ``EnvError``: one line that names the variable at fault."""
    return _read(Reader(source), base_dir)


def _read(reader: Reader, base_dir: Path) -> Env:
    environment = reader.read(parse.choice("development", "production"), "ENVIRONMENT") or "development"
    secret_key = _secret_key(reader, environment, base_dir)
    return Env(
        environment=environment,
        secret_key=secret_key,
        algorithm=reader.read(parse.choice("HS256", "HS384", "HS512"), "ALGORITHM", "JWT_ALGORITHM") or "HS256",
        access_token_seconds=reader.read_each(
            ("ACCESS_TOKEN_EXPIRE_MINUTES", lambda text: parse.integer(1, 525_600)(text) * 60),
            ("JWT_EXPIRATION_DELTA", parse.integer(60, 31_536_000)),
        )
        or 30 * 60,
        refresh_token_days=reader.read(parse.integer(1, 180), "REFRESH_TOKEN_EXPIRE_DAYS") or 30,
        **_issuers(reader, environment, secret_key),
        **_database(reader),
        **_addresses(reader, environment),
        admin_user_id=reader.read(_user_id, "ADMIN_USER_ID"),
        log_level=reader.read(parse.choice(*LOG_LEVELS), "LOG_LEVEL") or "INFO",
        list_envelope=_or(reader.read(parse.boolean, "LIST_ENVELOPE"), True),
        complete_without_body=reader.read(parse.choice("toggle", "complete"), "COMPLETE_WITHOUT_BODY") or "toggle",
        page_size=reader.read(parse.integer(1, 100_000), "PAGE_SIZE") or 10_000,
        language_model=_language_model(reader),
        llm_daily_tokens=_or(reader.read(parse.integer(0, 10**9), "LLM_DAILY_TOKENS"), 200_000),
        redis_url=reader.read(parse.url("redis", "rediss"), "REDIS_URL"),
        auth_rate_limit=reader.read(parse.rate, "AUTH_RATE_LIMIT") or Rate(5, 60),
        api_rate_limit=reader.read(parse.rate, "API_RATE_LIMIT") or Rate(1000, 60),
        chat_rate_limit=reader.read(parse.rate, "CHAT_RATE_LIMIT") or Rate(20, 60),
        # Evaluated last: every read above may have added to it.
        warnings=tuple(reader.warnings),
    )


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _user_id(value: str) -> str:
    if not USER_ID.match(value):
        raise ValueError("must be a user id: 1 to 128 of A-Za-z0-9._|@:+=~-")
    return value


def _secret_key(reader: Reader, environment: str, base_dir: Path) -> str:
    found = reader.read(parse.secret(MIN_SECRET_BYTES), "SECRET_KEY", "JWT_SECRET")
    if found:
        return found
    if environment == "production":
        raise EnvError(f"SECRET_KEY is required in production: at least {MIN_SECRET_BYTES} bytes.")
    return _development_secret(base_dir / ".dev-secret")


def _development_secret(path: Path) -> str:
    """Made once and kept. A link puts it in place whole, so two first starts agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        except OSError as error:
            raise EnvError(f"SECRET_KEY is not set and {path.name} cannot be written ({error.strerror}).") from None
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text().strip()


def _issuers(reader: Reader, environment: str, secret_key: str) -> dict[str, Any]:
    better_auth_secret = reader.read(parse.secret(MIN_SECRET_BYTES), "BETTER_AUTH_SECRET")
    if better_auth_secret == secret_key:
        raise EnvError("BETTER_AUTH_SECRET must not equal SECRET_KEY.")
    better_auth_url = reader.read(parse.url("http", "https"), "BETTER_AUTH_URL")
    origin = "{0.scheme}://{0.netloc}".format(parse.split_url(better_auth_url)) if better_auth_url else None
    jwks_url = reader.read(parse.url("http", "https"), "JWKS_URL")
    issuer = reader.read(parse.text, "JWT_ISSUER")
    audience = reader.read(parse.text, "JWT_AUDIENCE")
    if jwks_url:
        parts = parse.split_url(jwks_url)
        if environment == "production" and parts.scheme != "https" and parts.hostname not in parse.LOOPBACK:
            raise EnvError("JWKS_URL must be https in production.")
        issuer, audience = issuer or origin, audience or origin
        for name, value in (("JWT_ISSUER", issuer), ("JWT_AUDIENCE", audience)):
            if not value:
                raise EnvError(f"{name} (or BETTER_AUTH_URL) is required with JWKS_URL.")
    return {
        "better_auth_secret": better_auth_secret,
        "better_auth_url": better_auth_url,
        "jwks_url": jwks_url,
        "jwt_issuer": issuer,
        "jwt_audience": audience,
    }


def _database(reader: Reader) -> dict[str, Any]:
    return {
        "database": reader.read(parse_database_url, "DATABASE_URL", "NEON_DB_URL")
        or parse_database_url("sqlite:///db.sqlite3"),
        "db_pool_size": _or(reader.read(parse.integer(0, 1000), "DB_POOL_SIZE"), 5),
        "db_max_overflow": _or(reader.read(parse.integer(0, 1000), "DB_MAX_OVERFLOW"), 10),
        "db_pool_pre_ping": _or(reader.read(parse.boolean, "DB_POOL_PRE_PING"), True),
        "db_pool_recycle_seconds": reader.read(parse.integer(1, 86_400), "DB_POOL_RECYCLE") or 300,
    }


def _addresses(reader: Reader, environment: str) -> dict[str, Any]:
    allowed_hosts = reader.read(parse.hosts, "ALLOWED_HOSTS")
    if environment == "production" and not allowed_hosts:
        raise EnvError("ALLOWED_HOSTS is required in production: the host names clients use.")
    if environment == "production" and "*" in (allowed_hosts or ()):
        raise EnvError("ALLOWED_HOSTS must not contain * in production.")
    return {
        "allowed_hosts": allowed_hosts or DEVELOPMENT_HOSTS,
        "allowed_origins": reader.read(parse.origins, "ALLOWED_ORIGINS", "CORS_ORIGINS", "CORS_ALLOWED_ORIGINS")
        or ("http://localhost:3000",),
        "csrf_trusted_origins": reader.read(parse.origins, "CSRF_TRUSTED_ORIGINS") or (),
        "host": reader.read(parse.text, "HOST") or "0.0.0.0",  # noqa: S104 - the documented default
        "port": reader.read(parse.integer(1, 65_535), "PORT") or 8000,
        "trusted_proxies": reader.read(parse.integer(0, 20), "TRUSTED_PROXIES") or 0,
    }


def _language_model(reader: Reader) -> LanguageModel | None:
    """The first group wins that is set: ``LLM_*``, then Gemini, then OpenAI."""
    base_url = reader.read(parse.url("http", "https"), "LLM_BASE_URL")
    model = reader.read(parse.text, "LLM_MODEL")
    own_key = reader.read(parse.text, "LLM_API_KEY")
    gemini_key = reader.read(parse.text, "GOOGLE_GEMINI_API_KEY", "GEMINI_API_KEY")
    openai_key = reader.read(parse.text, "OPENAI_API_KEY")
    if base_url or own_key:
        return LanguageModel(provider="openai", api_key=own_key, base_url=base_url, model=model)
    if gemini_key:
        return LanguageModel(provider="gemini", api_key=gemini_key, base_url=GEMINI_URL, model=model)
    if openai_key:
        return LanguageModel(provider="openai", api_key=openai_key, base_url=None, model=model)
    return None
