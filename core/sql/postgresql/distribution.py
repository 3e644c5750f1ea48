"""The tables as Citus spreads them over machines: users on each of them, each owner's rows together on one.

What is wanted comes from the models, what is there from the server's catalogs. Citus 13 takes no foreign key that is
deferrable, no key without the column that spreads, and no policy with a sub-select.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from core.sql.postgresql.policies import SETTING
from core.sql.row_owner import EVERYBODY

OWNER: Final = "user_id"
HAS_CITUS: Final = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
IS_COORDINATOR: Final = "SELECT groupid = 0 FROM pg_dist_local_group"
HAS_MACHINES: Final = "SELECT EXISTS (SELECT FROM pg_dist_node WHERE isactive AND shouldhaveshards)"
IS_MIGRATED: Final = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS wanted (name)"
IS_SPREAD: Final = "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = %s::regclass)"
KEY: Final = """
    SELECT k.conname, array_agg(a.attname::text ORDER BY array_position(k.conkey, a.attnum))
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    WHERE k.conrelid = %s::regclass AND k.contype = 'p' GROUP BY k.conname
"""
REFERENCES: Final = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'f' AND confrelid = ANY (%s::regclass[]) ORDER BY conname
"""
HAS_POLICY: Final = "SELECT EXISTS (SELECT FROM pg_policy WHERE polrelid = %s::regclass AND polname = %s)"
DEFERRABLE: Final = " DEFERRABLE INITIALLY DEFERRED"
# Plain calls: each machine asks its own setting, which ``SET LOCAL`` alone brings there.
POLICY: Final = (
    f"CREATE POLICY {{table}}_owner ON {{table}} USING ({OWNER} = current_setting('{SETTING}', true)"
    f" OR current_setting('{SETTING}', true) = '{EVERYBODY}')"
)
# The parts of several tables change in one transaction.
ONE_BY_ONE: Final = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    is_spread: bool
    key: str
    key_columns: tuple[str, ...]
    # Names and definitions of the foreign keys to users and to owned tables.
    references: tuple[tuple[str, str], ...]
    has_policy: bool


def refusal() -> str | None:
    """Why nothing can be distributed here; None where it can."""
    if connection.vendor != "postgresql":
        return "SQLite has no machines to distribute to: DATABASE_URL must name the coordinator of Citus."
    if not _ask(HAS_CITUS):
        return "This server is no coordinator of Citus: the database has no extension named citus."
    if not _ask(IS_COORDINATOR):
        return "This server is a worker of Citus: DATABASE_URL must name its coordinator."
    if not _ask(HAS_MACHINES):
        return "The coordinator knows no worker: SELECT citus_add_node('host', 5432) adds one."
    if not _ask(IS_MIGRATED, [[users_table(), *owned_tables(), *log_tables()]]):
        return "Tables are missing: run manage.py migrate first."
    return None


def users_table() -> str:
    name: str = apps.get_model(settings.AUTH_USER_MODEL)._meta.db_table
    return name


def owned_tables() -> list[str]:
    return sorted(model._meta.db_table for model in _of_users() if not _is_log(model))


def log_tables() -> list[str]:
    return sorted(model._meta.db_table for model in _of_users() if _is_log(model))


def missing_statements() -> list[str]:
    """What turns the tables that are there into those that are wanted, in order; empty once it is done."""
    owned = [_read(name) for name in owned_tables()]
    moved = [table.name for table in owned if not table.is_spread]
    found = [*_detach_logs(), *_prepare(owned)]
    if not _ask(IS_SPREAD, [users_table()]):
        found.append(f"SELECT create_reference_table('{users_table()}')")
        moved.append(users_table())
    # What was copied stays behind on the coordinator, unseen, even once it is deleted.
    left = [f"SELECT truncate_local_data_after_distributing_table('{name}')" for name in moved]
    return [*found, *_spread(owned), *_complete(owned), *left]


def _of_users() -> list[type[models.Model]]:
    user = apps.get_model(settings.AUTH_USER_MODEL)
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if any(field.column == OWNER and field.related_model is user for field in model._meta.concrete_fields)
    ]


def _is_log(model: type[models.Model]) -> bool:
    """Its rows are numbered by a sequence, which owned ones never are."""
    return isinstance(model._meta.pk, models.AutoField)


def _read(name: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(KEY, [name])
        key, columns = cursor.fetchone()
        cursor.execute(REFERENCES, [name, [users_table(), *owned_tables()]])
        references = tuple(cursor.fetchall())
    has_policy = _ask(HAS_POLICY, [name, f"{name}_owner"])
    return Table(name, _ask(IS_SPREAD, [name]), key, tuple(columns), references, has_policy)


def _ask(sql: str, values: list[Any] | None = None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.fetchone()[0])


def _detach_logs() -> Iterator[str]:
    for table in map(_read, log_tables()):
        yield from _drop_references(table)


def _drop_references(table: Table) -> Iterator[str]:
    for name, _ in table.references:
        yield f'ALTER TABLE {table.name} DROP CONSTRAINT "{name}"'


def _prepare(owned: list[Table]) -> Iterator[str]:
    """All of them before the first is spread: they refer to each other."""
    for table in owned:
        if table.is_spread:
            continue
        yield from _drop_references(table)
        if table.has_policy:
            # Rows move by COPY, which row security refuses; the lock lets nobody else see them meanwhile.
            yield f"DROP POLICY {table.name}_owner ON {table.name}"
            yield f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY"
        if OWNER not in table.key_columns:
            columns = ", ".join((OWNER, *table.key_columns))
            yield f'ALTER TABLE {table.name} DROP CONSTRAINT "{table.key}", ADD PRIMARY KEY ({columns})'


def _spread(owned: list[Table]) -> Iterator[str]:
    # The first one there was, so that a table of a later release joins it.
    first = next((table.name for table in owned if table.is_spread), None)
    for table in owned:
        if not table.is_spread:
            yield f"SELECT create_distributed_table('{table.name}', '{OWNER}', colocate_with => '{first or 'none'}')"
            first = first or table.name


def _complete(owned: list[Table]) -> Iterator[str]:
    moved = [table for table in owned if not table.is_spread]
    for table in moved:
        for name, definition in table.references:
            wanted = _not_deferrable(definition)
            yield f'ALTER TABLE {table.name} ADD CONSTRAINT "{name}" {wanted}'
    # Only now: a foreign key is checked with its owner's eyes, who would see no row.
    for table in moved:
        if table.has_policy:
            yield POLICY.format(table=table.name)
            yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
            yield f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY"


def _not_deferrable(definition: str) -> str:
    """What refers to an owned row or to its owner goes with it: not every deletion begins with the child, and who locks
    a user locks what the coordinator has of them, while a machine still lets a row in.
    """
    return f"{definition.removesuffix(DEFERRABLE)} ON DELETE CASCADE"
