"""Every setting of the service, read from the environment or ``.env``, typed and checked.

Names, aliases and defaults are those of the README's table. What later parts of the service use is
read from the first day as well, so that a deployment's typing error shows at once.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Final

from accounts.user_ids import USER_ID
from assistant.providers.base import LanguageModel
from core.limits.allowances import Rate
from todo_project.env import compatibility, file, keys
from todo_project.env import reader as parse
from todo_project.env.addresses import read_addresses
from todo_project.env.database_urls import read_database
from todo_project.env.mail import Mail, read_mail
from todo_project.env.model import read_language_model
from todo_project.env.reader import EnvError, Reader
from todo_project.env.telemetry import Telemetry, read_telemetry

BASE_DIR: Final = Path(__file__).resolve().parents[2]
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Of each gunicorn worker.
WORKER_THREADS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """The checked settings. ``warnings`` holds what is odd but no reason not to start."""

    environment: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    algorithm: str
    access_token_seconds: int
    refresh_token_days: int
    better_auth_secret: str | None
    better_auth_url: str | None
    jwks_url: str | None
    jwt_issuer: str | None
    jwt_audience: str | None
    # What tokens under the shared secret are held to: only what was set in so many words.
    shared_issuer: str | None
    shared_audience: str | None
    better_auth_origin: str | None
    database: dict[str, Any]
    database_replica: dict[str, Any] | None
    db_pool_size: int
    db_max_overflow: int
    db_pool_pre_ping: bool
    db_pool_recycle_seconds: int
    db_statement_timeout_ms: int
    db_lock_timeout_ms: int
    allowed_origins: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    admin_user_id: str | None
    admin_require_totp: bool
    log_level: str
    telemetry: Telemetry
    host: str
    port: int
    web_concurrency: int | None
    # None: where there are at least as many processes as processors.
    cpu_affinity: bool | None
    drain_seconds: int
    # Empty: none in particular.
    compatible_with: str
    better_auth_database: dict[str, Any] | None
    # True, False, or the dotted name of what the list stands under.
    list_envelope: bool | str
    task_aliases: bool
    chat_tool_calls: str
    complete_without_body: str
    page_size: int
    language_model: LanguageModel | None
    # None: as the model's address has it.
    llm_first_byte_seconds: int | None
    llm_daily_tokens: int
    auth_event_days: int
    journal_days: int
    # 0: there is no trash.
    trash_days: int
    # 0: there is no cap.
    max_tasks: int
    max_conversations: int
    max_messages: int
    max_sessions: int
    # In UTC; None: the service prunes nothing by itself.
    prune_at: time | None
    # None: there is no mail.
    mail: Mail | None
    redis_url: str | None
    trusted_proxies: int
    auth_rate_limit: Rate
    api_rate_limit: Rate
    chat_rate_limit: Rate
    date_order: str
    warnings: tuple[str, ...]

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def load() -> Env:
    """The environment over ``.env``; on a bad value one line on stderr, and the process ends.

    ``ENV_FILE`` names another file than ``.env``, which must then exist; empty, it names none.
    """
    try:
        return read(_stored() | dict(os.environ))
    except EnvError as error:
        sys.exit(f"Configuration error: {error}")


def _stored() -> dict[str, str]:
    usual = BASE_DIR / ".env"
    if "ENV_FILE" in os.environ:
        named = os.environ["ENV_FILE"]
        return file.read(Path(named)) if named else {}
    return file.read(usual) if usual.exists() else {}


def names() -> set[str]:
    """Every name and alias that is read."""
    reader = Reader({"SECRET_KEY": "x" * keys.MIN_SECRET_BYTES})
    _read(reader, BASE_DIR)
    return reader.names


def read(source: Mapping[str, str], base_dir: Path = BASE_DIR) -> Env:
    """Raises ``EnvError``: one line that names the variable at fault."""
    return _read(Reader(source), base_dir)


def _read(reader: Reader, base_dir: Path) -> Env:
    compatible_with = compatibility.prefer_preset(reader)
    environment = reader.read(parse.choice("development", "production"), "ENVIRONMENT") or "development"
    secret_key = keys.read_secret_key(reader, environment, base_dir)
    fallbacks = keys.read_fallbacks(reader)
    return Env(
        environment=environment,
        secret_key=secret_key,
        secret_key_fallbacks=fallbacks,
        algorithm=reader.read(parse.choice("HS256", "HS384", "HS512"), "ALGORITHM", "JWT_ALGORITHM") or "HS256",
        access_token_seconds=reader.read_each(
            ("ACCESS_TOKEN_EXPIRE_MINUTES", lambda text: parse.integer(1, 525_600)(text) * 60),
            ("JWT_EXPIRATION_DELTA", parse.integer(60, 31_536_000)),
        )
        or 30 * 60,
        refresh_token_days=reader.read(parse.integer(1, 180), "REFRESH_TOKEN_EXPIRE_DAYS") or 30,
        **keys.read_issuers(reader, environment, (secret_key, *fallbacks)),
        **read_database(reader, base_dir),
        **read_addresses(reader, environment),
        admin_user_id=reader.read(_user_id, "ADMIN_USER_ID"),
        admin_require_totp=bool(reader.read(parse.boolean, "ADMIN_REQUIRE_TOTP")),
        log_level=reader.read(parse.choice(*LOG_LEVELS), "LOG_LEVEL") or "INFO",
        telemetry=read_telemetry(reader, environment, base_dir),
        **compatibility.read_compatibility(reader, compatible_with, base_dir),
        complete_without_body=reader.read(parse.choice("toggle", "complete"), "COMPLETE_WITHOUT_BODY") or "toggle",
        page_size=reader.read(parse.integer(1, 100_000), "PAGE_SIZE") or 10_000,
        language_model=read_language_model(reader),
        llm_first_byte_seconds=reader.read(parse.integer(1, 600), "LLM_FIRST_BYTE_SECONDS"),
        llm_daily_tokens=parse.default(reader.read(parse.integer(0, 10**9), "LLM_DAILY_TOKENS"), 200_000),
        auth_event_days=reader.read(parse.integer(1, 3650), "AUTH_EVENT_DAYS") or 90,
        journal_days=reader.read(parse.integer(1, 3650), "JOURNAL_DAYS") or 30,
        trash_days=parse.default(reader.read(parse.integer(0, 3650), "TRASH_DAYS"), 30),
        **_caps(reader),
        mail=read_mail(reader, environment),
        redis_url=reader.read(parse.url("redis", "rediss"), "REDIS_URL"),
        auth_rate_limit=reader.read(parse.rate, "AUTH_RATE_LIMIT") or Rate(5, 60),
        api_rate_limit=reader.read(parse.rate, "API_RATE_LIMIT") or Rate(1000, 60),
        chat_rate_limit=reader.read(parse.rate, "CHAT_RATE_LIMIT") or Rate(20, 60),
        date_order=reader.read(parse.choice("mdy", "dmy"), "DATE_ORDER") or "mdy",
        # Evaluated last: every read above may have added to it.
        warnings=(*reader.warnings, *reader.near_misses()),
    )


def _user_id(value: str) -> str:
    if not USER_ID.match(value):
        raise ValueError("must be a user id: 1 to 128 of A-Za-z0-9._|@:+=~-")
    return value


def _caps(reader: Reader) -> dict[str, Any]:
    cap = parse.integer(0, 10**9)
    return {
        "max_tasks": parse.default(reader.read(cap, "MAX_TASKS"), 100_000),
        "max_conversations": parse.default(reader.read(cap, "MAX_CONVERSATIONS"), 1000),
        "max_messages": parse.default(reader.read(cap, "MAX_MESSAGES"), 1000),
        "max_sessions": parse.default(reader.read(cap, "MAX_SESSIONS"), 100),
        "prune_at": reader.read_unless_empty(parse.time_of_day, time(3), "PRUNE_AT"),
    }
