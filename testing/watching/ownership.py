"""Watches the suite's SQL: every statement on an owned table must name the owner."""

import re
from contextlib import AbstractContextManager
from typing import Any, Final

from testing.watching.statements import Execute, statements_through

OWNED_TABLES: Final = (
    "tasks_task",
    "tasks_entry",
    "tasks_trashedtask",
    "tasks_oldtaskid",
    "core_idempotencykey",
    "core_usage",
    "accounts_knownaddress",
    "accounts_personaltoken",
    "accounts_recoverytoken",
    "accounts_session",
    "assistant_conversation",
    "assistant_message",
    "assistant_pendingaction",
    "assistant_tokenuse",
)
# "user_id" compared with something, with or without its table's name before it.
NAMES_OWNER: Final = re.compile(r'"?user_id"? (=|IN|in) ')


class OwnerNotNamed(AssertionError):
    pass


def check(sql: str) -> None:
    """Raises ``OwnerNotNamed`` for a statement that could reach another owner's rows."""
    if not any(table in sql for table in OWNED_TABLES):
        return
    statement = sql.lstrip("( ").upper()
    if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
        condition = sql.partition(" WHERE ")[2] or sql.partition(" where ")[2]
        if not NAMES_OWNER.search(condition):
            raise OwnerNotNamed(sql)
    elif statement.startswith("INSERT") and '"user_id"' not in sql:
        raise OwnerNotNamed(sql)


def _wrapper(execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
    check(sql)
    return execute(sql, params, many, context)


def watched() -> AbstractContextManager[None]:
    """On this thread's connection and on every one opened meanwhile."""
    return statements_through(_wrapper)
