"""Tells the server whose rows each statement is for.

The setting that the policies read holds for one transaction (``set_config(…, true)``), so it goes
through a pooler in transaction mode and leaks into nobody else's statement. It is sent before the first statement of
a transaction, and again when the owner changes or a rollback took it back; a statement outside of a transaction gets
one. (In a pipeline that would be one round trip, but a deferred constraint that fails at the pipeline's own commit
leaves psycopg 3.3 in a state it cannot leave.) The statements of nearly every request carry it in themselves.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg.sql import SQL, Composable, Literal

from core.sql import row_owner, serving
from core.sql.postgresql.policies import SETTING
from core.telemetry import records

Execute = Callable[[str, Any, bool, Any], Any]

# What no owner is equal to.
UNKNOWN: Final = object()
ARM: Final = f"SELECT set_config('{SETTING}', %s, true)"
# Citus tells the machines what ``SET LOCAL`` sets, if asked to, and nothing of ``set_config``.
ARM_MACHINES: Final = "SET LOCAL citus.propagate_set_commands TO 'local'; SET LOCAL {} TO {}{}"
# In a transaction that has failed the server takes no other statement before these.
SAVEPOINTS: Final = ("SAVEPOINT ", "ROLLBACK TO ", "RELEASE ")


class ArmedWrapper(base.DatabaseWrapper):
    # Whose rows the present transaction sees.
    _armed_for: str | object | None = None
    # Further columns of that statement.
    limits_of_a_transaction = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The last is the innermost.
        self.execute_wrappers += [self._execute_armed, records.count_statement]

    def _execute_armed(self, execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(SAVEPOINTS):
            return execute(sql, params, many, context)
        owner = row_owner.current()
        if owner is None and self.get_autocommit():
            return execute(sql, params, many, context)
        with transaction.atomic(self.alias) if self.get_autocommit() else nullcontext():
            if owner != self._armed_for:
                begun = time.perf_counter()
                with self.wrap_database_errors:
                    self._arm(owner or "")
                records.note_statement(ARM, begun)
                self._armed_for = owner
            try:
                return execute(sql, params, many, context)
            finally:
                if SETTING in sql:
                    # It opens rows by itself.
                    self._armed_for = UNKNOWN

    def _arm(self, owner: str) -> None:
        limits = self.limits_of_a_transaction
        if not self.settings_dict.get("IS_DISTRIBUTED"):
            self.connection.execute(ARM + limits, [owner])
            return
        # Two statements in one message, which cannot be prepared.
        statement = SQL(ARM_MACHINES).format(SQL(SETTING), Literal(owner), self._limit_on_machines)
        self.connection.execute(statement, prepare=False)
        if limits:
            self.connection.execute(f"SELECT TRUE{limits}")

    @property
    def _limit_on_machines(self) -> Composable:
        """Locks are waited for there, which the connection's own limit does not reach."""
        limit = self.settings_dict.get("LIMITS", {}).get("lock_timeout")
        bounds = limit and not serving.is_command
        return SQL("; SET LOCAL lock_timeout TO {}").format(Literal(limit)) if bounds else SQL("")

    def _set_autocommit(self, autocommit: bool) -> None:
        self._armed_for = None
        # A pool's connections have it already.
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc] # the stubs leave it out

    def _commit(self) -> None:
        self._armed_for = None
        super()._commit()  # type: ignore[misc] # the stubs leave it out

    def _rollback(self) -> None:
        self._armed_for = None
        super()._rollback()  # type: ignore[misc] # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        # Back to whoever it was at the savepoint.
        self._armed_for = UNKNOWN
        super()._savepoint_rollback(sid)  # type: ignore[misc] # the stubs leave it out

    def _close(self) -> None:
        self._armed_for = None
        super()._close()  # type: ignore[misc] # the stubs leave it out
