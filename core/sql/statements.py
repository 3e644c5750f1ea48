import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

logger = logging.getLogger(__name__)

# SQLSTATE, and SQLite's name.
READ_ONLY: Final = frozenset({"25006", "SQLITE_READONLY"})

# From here to the end of a transaction Citus tells the machines what SET LOCAL says.
TO_MACHINES: Final = "SET LOCAL citus.propagate_set_commands TO 'local'"
# Of values for PostgreSQL, which has types for them; and no field makes anything else of nothing.
AS_THEY_ARE: Final = (UUID, datetime, NoneType)


def prepared_cursor(database: BaseDatabaseWrapper = connection) -> CursorWrapper:
    """For the few statements that run on nearly every request: the server plans them once a connection.

    SQLite's driver keeps its statements by itself.
    """
    make = getattr(database, "prepared_cursor", database.cursor)
    return make()


def fetch_prepared(database: BaseDatabaseWrapper, sql: str, values: Any) -> list[tuple[Any, ...]]:
    """All that ``prepared_cursor`` brings."""
    if is_postgresql():
        rows: list[tuple[Any, ...]] = database.fetch_prepared(sql, values)  # type: ignore[attr-defined] # of our own backend
        return rows
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@cache
def is_postgresql() -> bool:
    """Django's own way to ask takes a microsecond or two, and a request asks a dozen times."""
    return connection.vendor == "postgresql"


@cache
def is_distributed() -> bool:
    """Whether Citus spreads the owned tables (``postgresql/distribution.py``)."""
    return is_postgresql() and bool(connection.settings_dict.get("IS_DISTRIBUTED"))


def limit_waits(milliseconds: int) -> None:
    """How long a statement waits for a lock, to the end of the transaction. On SQLite the whole transaction waits."""
    if not is_postgresql():
        return
    with connection.cursor() as cursor:
        if is_distributed():
            # Locks are waited for on the machines, which hear of no other setting.
            cursor.execute(f"{TO_MACHINES}; SET LOCAL lock_timeout TO {milliseconds:d}")
        else:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(milliseconds)])


def bind(model: type[models.Model], field: str, value: Any) -> Any:
    """The value as a parameter of raw SQL, as the field would store it: the databases differ on ids, instants
    and JSON.
    """
    if is_postgresql() and type(value) in AS_THEY_ARE:
        return value
    return model._meta.get_field(field).get_db_prep_save(value, connection)  # type: ignore[union-attr] # columns only


def bind_each(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """``bind`` for values by the names of their fields."""
    return {name: bind(model, name, value) for name, value in values.items()}


def is_read_only(error: DatabaseError | InterfaceError) -> bool:
    cause = error.__cause__
    return not READ_ONLY.isdisjoint((getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None)))


def note(stale: models.QuerySet[Any], **seen: datetime) -> None:
    """When these rows were last presented. That it could not be noted fails nothing."""
    try:
        stale.update(**seen)
    except (DatabaseError, InterfaceError) as error:
        # A database that can only be read can be read all the same.
        if is_read_only(error):
            return
        # Nor does a note fail what the request is for, which may have been done by now.
        if connection.in_atomic_block:
            raise
        logger.warning("A caller was not noted as seen: %s", type(error.__cause__ or error).__qualname__)


def insert(row: models.Model, *, unless_taken: bool = False) -> bool:
    """Stores a new row. ``unless_taken``: False where there is one of its key, which else is an ``IntegrityError``."""
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in _fields(type(row))]
    with prepared_cursor() as cursor:
        cursor.execute(_insertion(type(row), unless_taken), values)
        return bool(cursor.rowcount)


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    """Without the primary key, which is two of them and no column."""
    return [field for field in model._meta.concrete_fields if field.column]


@cache
def _insertion(model: type[models.Model], unless_taken: bool) -> str:
    names = ", ".join(f'"{field.column}"' for field in _fields(model))
    places = ", ".join(["%s"] * len(_fields(model)))
    suffix = " ON CONFLICT DO NOTHING" if unless_taken else ""
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places}){suffix}"  # noqa: S608 - names of the model, values are parameters
