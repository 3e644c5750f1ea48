"""``DATABASE_URL`` in every spelling its users paste, and the settings of its connections."""

import re
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import dj_database_url
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from todo_project.env import database_files
from todo_project.env import reader as parse
from todo_project.env.reader import EnvError, Reader

SCHEME: Final = re.compile(r"(postgres|postgresql|sqlite)(\+[a-z0-9_]+)?://", re.IGNORECASE)
TRUE: Final = ("true", "1", "yes", "on")
# What asyncpg's users write, in libpq's words, or None where it has no counterpart; and what is said to us alone.
ASYNCPG: Final[dict[str, str | None]] = {
    "ssl": "sslmode",
    "prepared_statement_cache_size": None,
    "statement_cache_size": None,
    "pgbouncer": None,
    "citus": None,
}
SSL_FLAGS: Final = {"true": "require", "false": "disable"}
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
POSTGRESQL_PORT: Final = 5432
# On 5432 the same host keeps a session's server connection.
SUPABASE_TRANSACTION_PORT: Final = 6543


def read_database(reader: Reader, base_dir: Path) -> dict[str, Any]:
    database = reader.read(
        partial(parse_database_url, base_dir=base_dir), "DATABASE_URL", "NEON_DB_URL"
    ) or parse_database_url("sqlite:///db.sqlite3", base_dir)
    return {
        "database": database,
        "database_replica": _read_replica(reader, database, base_dir),
        "db_pool_size": parse.default(reader.read(parse.integer(0, 1000), "DB_POOL_SIZE"), 5),
        "db_max_overflow": parse.default(reader.read(parse.integer(0, 1000), "DB_MAX_OVERFLOW"), 10),
        "db_pool_pre_ping": parse.default(reader.read(parse.boolean, "DB_POOL_PRE_PING"), True),
        "db_pool_recycle_seconds": reader.read(parse.integer(1, 86_400), "DB_POOL_RECYCLE") or 300,
        "db_statement_timeout_ms": parse.default(
            reader.read(parse.integer(0, 3_600_000), "DB_STATEMENT_TIMEOUT_MS"), 5000
        ),
        "db_lock_timeout_ms": parse.default(reader.read(parse.integer(0, 3_600_000), "DB_LOCK_TIMEOUT_MS"), 2000),
    }


def _read_replica(reader: Reader, database: dict[str, Any], base_dir: Path) -> dict[str, Any] | None:
    """Raises ``EnvError``."""
    replica = reader.read(partial(_parse_replica_url, base_dir=base_dir), "DATABASE_REPLICA_URL")
    if replica is None:
        return None
    if "sqlite" in database["ENGINE"]:
        raise EnvError("DATABASE_REPLICA_URL needs PostgreSQL in DATABASE_URL: SQLite has no replicas.")
    if database["IS_DISTRIBUTED"]:
        raise EnvError("DATABASE_REPLICA_URL does not go with citus=true in DATABASE_URL.")
    if _place(replica) == _place(database):
        reader.warnings.append("DATABASE_REPLICA_URL names the database of DATABASE_URL, so there is no replica.")
        return None
    return replica


def _parse_replica_url(value: str, base_dir: Path) -> dict[str, Any]:
    if not value.lower().startswith("postgres"):
        raise ValueError("must start with postgresql://; SQLite has no replicas")
    return parse_database_url(value, base_dir)


def _place(database: dict[str, Any]) -> tuple[str, str, str]:
    host = database["HOST"] or database.get("OPTIONS", {}).get("host", "")
    return str(host).lower(), str(database["PORT"] or POSTGRESQL_PORT), database["NAME"]


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
    if "sqlite" in found["ENGINE"]:
        return found
    return {**found, "MAY_PREPARE": _may_prepare(parts), "IS_DISTRIBUTED": _is_distributed(parts)}


def _check(found: dict[str, Any], base_dir: Path) -> None:
    name, options = found["NAME"], found.get("OPTIONS", {})
    if not name:
        raise ValueError("names no database")
    if "postgresql" in found["ENGINE"]:
        _check_options(options)
    elif options:
        raise ValueError("takes no options after ? for SQLite")
    elif name != ":memory:" and (why := database_files.without_folder((base_dir / name).parent)):
        # A URL of another database whose scheme alone was changed may hold a password.
        is_path = name.isprintable() and "@" not in name
        raise ValueError(
            f"names a file that {database_files.user()} cannot have: {why}"
            if is_path
            else "names a file in a directory that does not exist"
        )


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
        and asked.get("pgbouncer", "").lower() not in TRUE
        and "0" not in (asked.get("statement_cache_size"), asked.get("prepared_statement_cache_size"))
    )


def _is_distributed(parts: SplitResult) -> bool:
    """By Citus, once ``manage.py distribute`` has run."""
    return dict(parse_qsl(parts.query)).get("citus", "").lower() in TRUE


def _check_options(options: dict[str, Any]) -> None:
    try:
        make_conninfo(**options)
    except ProgrammingError:
        raise ValueError("has an option after ? that PostgreSQL does not know") from None
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"has another sslmode than {', '.join(SSL_MODES)}")
