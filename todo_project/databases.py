"""``DATABASE_URL`` in every spelling its users paste, as Django's ``DATABASES`` entry."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import dj_database_url

SCHEME: Final = re.compile(r"(postgres|postgresql|sqlite)(\+[a-z0-9_]+)?://", re.IGNORECASE)
CONNECT_SECONDS: Final = 5
# What a request waits for a free connection before it is answered 503.
POOL_WAIT_SECONDS: Final = 5
SQLITE_BUSY_SECONDS: Final = 10


def parse_database_url(value: str) -> dict[str, Any]:
    """Raises ``ValueError`` with the end of a sentence; it never quotes the URL."""
    if not SCHEME.match(value):
        raise ValueError("must start with postgresql:// or sqlite:///")
    # SQLAlchemy's "+driver" and asyncpg's "ssl=" mean nothing to libpq.
    plain = SCHEME.sub(lambda match: f"{match[1].lower()}://", value, count=1)
    try:
        found = dj_database_url.parse(plain if plain.startswith("sqlite") else _with_sslmode(plain))
    except Exception as error:
        raise ValueError("is not a valid database URL") from error
    if not found["NAME"]:
        raise ValueError("names no database")
    return dict(found)


def _with_sslmode(url: str) -> str:
    parts = urlsplit(url)
    query = [("sslmode" if name == "ssl" else name, text) for name, text in parse_qsl(parts.query)]
    # Not for SQLite: Python 3.11 and early 3.12 take the first directory of sqlite:////path for a host here.
    return urlunsplit(parts._replace(query=urlencode(query)))


def postgres(
    database: dict[str, Any], *, pool_size: int, max_overflow: int, pre_ping: bool, recycle_seconds: int
) -> dict[str, Any]:
    """The entry with psycopg's own pool: ``pool_size`` kept connections, ``max_overflow`` more at need."""
    options = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "todo",
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
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": pre_ping,
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
