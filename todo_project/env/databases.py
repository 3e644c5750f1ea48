"""``DATABASE_URL`` in every spelling its users paste, as Django's ``DATABASES`` entry."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import dj_database_url
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from core.sql.postgresql.pool import PromptConnection

SCHEME: Final = re.compile(r"(postgres|postgresql|sqlite)(\+[a-z0-9_]+)?://", re.IGNORECASE)
# What asyncpg's users write, in libpq's words, or None where it has no counterpart.
ASYNCPG: Final[dict[str, str | None]] = {
    "ssl": "sslmode",
    "prepared_statement_cache_size": None,
    "statement_cache_size": None,
    "pgbouncer": None,
}
SSL_FLAGS: Final = {"true": "require", "false": "disable"}
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# On 5432 the same host keeps a session's server connection.
SUPABASE_TRANSACTION_PORT: Final = 6543
CONNECT_SECONDS: Final = 5
# A peer that fell silent is found out after these, however long a statement may take.
KEEPALIVES: Final = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
# What a request waits for a free connection before it is answered 503.
POOL_WAIT_SECONDS: Final = 5
SQLITE_BUSY_SECONDS: Final = 10
# To a database of somebody else's, of each process.
WORKER_CONNECTIONS: Final = 4
# psycopg prepares a statement when it is sent so many times over one connection.
PREPARE_AFTER: Final = 5


def parse_database_url(value: str, base_dir: Path) -> dict[str, Any]:
    """A relative SQLite path starts at ``base_dir``.

    Raises ``ValueError`` with the end of a sentence; it never quotes the URL."""
    if not SCHEME.match(value):
        raise ValueError("must start with postgresql:// or sqlite:///")
    if not value.isprintable() or " " in value:
        raise ValueError("must not hold spaces or control characters")
    # SQLAlchemy's "+driver" means nothing to the others.
    plain = SCHEME.sub(lambda match: f"{match[1].lower()}://", value, count=1)
    try:
        parts = urlsplit(plain)
        # Not urlunsplit: Python 3.11's loses slashes of "sqlite:////path".
        url = plain.partition("#")[0].partition("?")[0] + "?" + urlencode(_query(parts.query))
        found: dict[str, Any] = dict(dj_database_url.parse(url.removesuffix("?")))
    except (ValueError, dj_database_url.ParseError):
        # Not the cause's own words: they quote the address, password included.
        raise ValueError("is not a valid database URL") from None
    if parts.fragment:
        raise ValueError("holds a #, which must be written %23 in a password")
    _check(found, base_dir)
    return found if "sqlite" in found["ENGINE"] else {**found, "MAY_PREPARE": _may_prepare(parts)}


def _check(found: dict[str, Any], base_dir: Path) -> None:
    name, options = found["NAME"], found.get("OPTIONS", {})
    if not name:
        raise ValueError("names no database")
    if "postgresql" in found["ENGINE"]:
        _check_options(options)
    elif options:
        raise ValueError("takes no options after ? for SQLite")
    elif name != ":memory:" and not (base_dir / name).parent.is_dir():
        raise ValueError("names a file in a directory that does not exist")


def _query(text: str) -> list[tuple[str, str]]:
    pairs = [(ASYNCPG.get(name, name), value) for name, value in parse_qsl(text, strict_parsing=bool(text))]
    return [
        (name, SSL_FLAGS.get(value.lower(), value) if name == "sslmode" else value) for name, value in pairs if name
    ]


def _may_prepare(parts: SplitResult) -> bool:
    """Not where a transaction-mode pooler says that it stands between: it may lose prepared statements."""
    asked = dict(parse_qsl(parts.query))
    host = parts.hostname or ""
    return (
        "-pooler." not in host
        and not (host.endswith(".pooler.supabase.com") and parts.port == SUPABASE_TRANSACTION_PORT)
        and asked.get("pgbouncer", "").lower() not in ("true", "1", "yes", "on")
        and "0" not in (asked.get("statement_cache_size"), asked.get("prepared_statement_cache_size"))
    )


def _check_options(options: dict[str, Any]) -> None:
    try:
        make_conninfo(**options)
    except ProgrammingError:
        raise ValueError("has an option after ? that PostgreSQL does not know") from None
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"has another sslmode than {', '.join(SSL_MODES)}")


def postgres(
    database: dict[str, Any],
    *,
    pool_size: int,
    max_overflow: int,
    pre_ping: bool,
    recycle_seconds: int,
    limits: Mapping[str, int],
) -> dict[str, Any]:
    """The entry with psycopg's own pool: ``pool_size`` kept connections, ``max_overflow`` more at need.

    ``limits``: PostgreSQL's own settings in milliseconds, for a process that serves requests; 0 leaves the server's.
    """
    may_prepare = database.get("MAY_PREPARE", True)
    options = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "todo",
        # For prepared_cursor: Django's own cursors write the values into the text.
        "prepare_threshold": PREPARE_AFTER if may_prepare else None,
        # A server that vanished without a word: the kernel would keep trying for a quarter of an hour.
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        **KEEPALIVES,
        **database.get("OPTIONS", {}),
        "pool": {
            "min_size": pool_size,
            "max_size": max(pool_size + max_overflow, 1),
            "max_lifetime": recycle_seconds,
            "timeout": POOL_WAIT_SECONDS,
            # Give up early: the next request tries again, so recovery is quick.
            "reconnect_timeout": CONNECT_SECONDS,
        },
    }
    return {
        **database,
        "ENGINE": "core.sql.postgresql",
        "CONN_MAX_AGE": 0,
        "POOL_PRE_PING": pre_ping,
        "LIMITS": {name: milliseconds for name, milliseconds in limits.items() if milliseconds},
        # Named cursors do not survive a transaction-mode pooler such as Neon's.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": options,
    }


def sqlite(database: dict[str, Any], base_dir: Path) -> dict[str, Any]:
    """The entry for a file that several processes share: WAL, waiting writers, foreign keys on."""
    name = database["NAME"]
    return {
        **database,
        "NAME": name if name == ":memory:" else str(base_dir / name),
        # A connection costs more than a query here, and each thread keeps its own.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": SQLITE_BUSY_SECONDS,
            # A deferred transaction that turns writer fails at once instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def foreign(database: dict[str, Any], base_dir: Path) -> dict[str, Any]:
    """The entry for a database of somebody else's, where only looks are taken, and short ones."""
    if "sqlite" in database["ENGINE"]:
        options: dict[str, Any] = {"timeout": CONNECT_SECONDS, "init_command": "PRAGMA query_only=ON"}
        return {**database, "NAME": str(base_dir / database["NAME"]), "OPTIONS": options}
    # A pooler in transaction mode takes no settings along with a connection.
    may_set = {"options": f"-c statement_timeout={CONNECT_SECONDS}s -c default_transaction_read_only=on"}
    options = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "todo",
        "prepare_threshold": None,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        **(may_set if database.get("MAY_PREPARE", True) else {}),
        **database.get("OPTIONS", {}),
        "pool": {
            "min_size": 0,
            "max_size": WORKER_CONNECTIONS,
            "timeout": POOL_WAIT_SECONDS,
            "max_idle": 60,
            "connection_class": PromptConnection,
        },
    }
    return {
        **database,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": options,
    }
