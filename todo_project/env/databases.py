"""Django's ``DATABASES`` entries for a parsed URL."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.sql.postgresql.pool import PromptConnection
from core.sql.replica.watching import ALIAS
from todo_project.env.values import Env

CONNECT_SECONDS: Final = 5
# A peer that fell silent is found out after these, however long a statement may take.
KEEPALIVES: Final = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
# What a request waits for a free connection before it is answered 503.
POOL_WAIT_SECONDS: Final = 5
REPLICA_WAIT_SECONDS: Final = 0.5
# Less than it is waited for: its connection is still good then.
REPLICA_STATEMENT_MS: Final = 900
SQLITE_BUSY_SECONDS: Final = 10
# To a database of somebody else's, of each process.
WORKER_CONNECTIONS: Final = 4
# psycopg prepares a statement when it is sent so many times over one connection.
PREPARE_AFTER: Final = 5


def own(env: Env, base_dir: Path) -> dict[str, dict[str, Any]]:
    """The service's, by alias."""
    if "sqlite" in env.database["ENGINE"]:
        return {"default": sqlite(env.database, base_dir)}
    limits = {"statement_timeout": env.db_statement_timeout_ms, "lock_timeout": env.db_lock_timeout_ms}
    primary = _pooled(env, env.database, limits)
    return {"default": primary} if env.database_replica is None else {"default": primary, ALIAS: _replica(env)}


def _replica(env: Env) -> dict[str, Any]:
    """Whatever takes long there, or is not to be had, is asked of the primary."""
    found = _pooled(env, env.database_replica or {}, {"statement_timeout": REPLICA_STATEMENT_MS})
    found["OPTIONS"]["pool"] |= {"name": ALIAS, "timeout": REPLICA_WAIT_SECONDS}
    return found


def _pooled(env: Env, database: dict[str, Any], limits: Mapping[str, int]) -> dict[str, Any]:
    return postgres(
        database,
        pool_size=env.db_pool_size,
        max_overflow=env.db_max_overflow,
        pre_ping=env.db_pool_pre_ping,
        recycle_seconds=env.db_pool_recycle_seconds,
        limits=limits,
    )


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
