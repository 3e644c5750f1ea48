"""Migrations are safe beside the release before, and one that is not is found."""

import re
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from testing import service
from testing.databases import empty_database
from testing.safe_migrations import lint

FIND = """
import django

django.setup()
from testing.safe_migrations import lint

print(*lint.dangers(lint.ours() - lint.released() | {("tasks", "0006_plain_texts")}), sep="\\n")
"""


@pytest.mark.once
def test_what_was_released_is_there() -> None:
    assert len(lint.released()) > 20
    assert lint.released() <= lint.ours()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_those_since_the_last_release_are_safe_beside_it_and_one_by_a_function_is_seen(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        printed = service.output(("-c", FIND), {"DATABASE_URL": url, "LOG_LEVEL": "WARNING"})

    found = [line for line in printed.splitlines() if re.match(r"\w+\.\d{4}_\w+: ", line)]
    assert {line.partition(": ")[0] for line in found} == {"tasks.0006_plain_texts"}
    assert any(line.startswith("tasks.0006_plain_texts: WRITING the table anew: ALTER TABLE") for line in found)


def planted(*operations: Operation) -> Migration:
    """One that came after all there are."""
    made = type("Planted", (Migration,), {"operations": list(operations), "atomic": connection.in_atomic_block})
    migration: Migration = made("0099_planted", "tasks")
    return migration


def state() -> ProjectState:
    return MigrationLoader(connection).project_state()


def add(field: Any) -> Operation:
    return migrations.AddField("task", "planted", field)


def sends(sql: str, undone: str = "") -> Operation:
    """By a function, as what only PostgreSQL has is made."""

    def forwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(sql)

    def backwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(undone)

    return migrations.RunPython(forwards, backwards)


def sends_past_the_editor(sql: str) -> Operation:
    def forwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(sql)

    return migrations.RunPython(forwards)


NOT_NULL = "NOT NULL constraint on columns"
LOCKS = "CREATE INDEX locks table"
INDEX = models.Index(fields=["user", "version", "id"], name="tasks_task_planted")
TABLE = migrations.CreateModel(
    "Planted",
    [("id", models.UUIDField(primary_key=True)), ("word", models.TextField()), ("words", models.JSONField(null=True))],
    {
        "indexes": [
            models.Index(fields=["word"], name="planted_word"),
            models.Index(fields=["word"], name="planted_some", condition=models.Q(("words__isnull", False))),
            GinIndex(fields=["words"], name="planted_words"),
        ],
        "constraints": [models.UniqueConstraint(fields=["word"], name="planted_one")],
    },
)
FILLED = migrations.AddField("task", "filled", models.IntegerField(db_default=0))
UNSAFE: dict[str, tuple[tuple[Operation, ...], str]] = {
    "a column that the release before leaves out": ((add(models.IntegerField(default=0)),), NOT_NULL),
    "one beside another that is safe": ((add(models.IntegerField(default=0)), FILLED), NOT_NULL),
    "a column that must be filled now": (
        (migrations.AlterField("task", "description", models.CharField(max_length=1000)),), NOT_NULL
    ),
    "a column gone": ((migrations.RemoveField("task", "version"),), "DROPPING columns"),
    "a column renamed": ((migrations.RenameField("task", "version", "edition"),), "RENAMING columns"),
    "a column of another type": ((migrations.AlterField("task", "version", models.TextField()),), "ALTERING columns"),
    "a table gone": ((migrations.DeleteModel("OldTaskId"),), "DROPPING table"),
    "a table renamed": ((migrations.AlterModelTable("task", "tasks_job"),), "RENAMING tables"),
    "an index that locks": ((migrations.AddIndex("task", INDEX),), LOCKS),
    "an index that locks, after a new table's": ((TABLE, migrations.AddIndex("task", INDEX)), LOCKS),
    "an index removed under a lock": (
        (migrations.RemoveIndex("task", "tasks_task_user_due"),), "DROP INDEX locks table"
    ),
    "rows that must be one now": (
        (migrations.AddConstraint("task", models.UniqueConstraint(fields=["user", "title"], name="planted")),),
        "ADDING unique constraint",
    ),
    "a function's column that must be filled": (
        (sends("ALTER TABLE tasks_task ADD COLUMN planted integer NOT NULL"),), NOT_NULL
    ),
    "one in other letters, on several lines, beside one that is filled": (
        (sends('alter table "tasks_task"\n  add planted integer not null,\n  add filled integer default 0 not null'),),
        NOT_NULL,
    ),
    "a function's column gone": ((sends(" /* for good */ alter table tasks_task drop version"),), "DROPPING columns"),
    "one past the editor": (
        (sends_past_the_editor("ALTER TABLE tasks_task DROP COLUMN version"),), "DROPPING columns"
    ),
    "the second of several": (
        (sends("SET LOCAL lock_timeout = 1000; ALTER TABLE tasks_task RENAME version TO edition"),), "RENAMING columns"
    ),
    "SQL's own": ((migrations.RunSQL("ALTER TABLE tasks_task DROP COLUMN version"),), "DROPPING columns"),
    "a function's index that locks": (
        (sends("CREATE INDEX planted ON public.tasks_task USING gin (tag_keys) WHERE version > 1"),), LOCKS
    ),
    "a function's index after its table's": (
        (sends("CREATE TABLE planted (word text)"), sends("CREATE INDEX planted_ours ON tasks_task (version)")), LOCKS
    ),
    "a column that each row is written for": (
        (sends("ALTER TABLE tasks_task ADD planted integer GENERATED ALWAYS AS (version + 1) STORED"),), "WRITING"
    ),
    "a column that each row is numbered by": (
        (sends("ALTER TABLE tasks_oldtaskid ADD planted BIGSERIAL"),), "WRITING"
    ),
    "one without a name that is unique": (
        (sends("ALTER TABLE tasks_oldtaskid ADD UNIQUE (user_id, task_id)"),), "ADDING unique constraint"
    ),
    "rows gone": ((sends("TRUNCATE tasks_oldtaskid"),), "TAKING the table away"),
    "what is hidden in code": (
        (sends("DO $$ BEGIN EXECUTE 'ALTER TABLE tasks_task DROP COLUMN version'; END $$"),), "HIDING what is sent"
    ),
}  # fmt: skip
SAFE: dict[str, tuple[Operation, ...]] = {
    "a column that the database fills": (FILLED,),
    "a column that may be empty": (add(models.UUIDField(null=True)),),
    "an index beside the writers": (AddIndexConcurrently("task", INDEX),),
    "a table of its own": (TABLE,),
    "a function's table of its own": (
        sends("CREATE TABLE planted (word text NOT NULL)", "DROP TABLE planted"),
        sends("ALTER TABLE planted ADD COLUMN more text NOT NULL, ADD UNIQUE (more)", "SELECT 1"),
        sends("CREATE INDEX planted_word ON planted (word)", "DROP INDEX planted_word"),
    ),
    "a function's column that the database fills": (
        sends(
            "ALTER TABLE tasks_task ADD COLUMN planted integer NOT NULL DEFAULT 0",
            "ALTER TABLE tasks_task DROP COLUMN planted",
        ),
    ),
    "a function's index beside the writers": (
        sends("CREATE INDEX CONCURRENTLY planted ON tasks_task (version)", "DROP INDEX planted"),
    ),
    "rows, whatever they say": (
        sends("UPDATE tasks_task SET title = 'DROP COLUMN, CREATE INDEX, NOT NULL' WHERE user_id = ''", "SELECT 1"),
    ),
}


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("unsafe", UNSAFE)
def test_one_that_is_not_safe_is_found(unsafe: str) -> None:
    operations, message = UNSAFE[unsafe]

    found = lint.judge(lint.run(planted(*operations), state()))

    assert [line for line in found if line.startswith(message)], found


@pytest.mark.postgresql
# An index beside the writers is made in no transaction.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("safe", SAFE)
def test_one_that_is_safe_is_let_through(safe: str) -> None:
    migration, nobody = planted(*SAFE[safe]), Context()
    try:
        assert lint.judge(nobody.run(lint.run, migration, state())) == []
    finally:
        with connection.schema_editor(atomic=False) as editor:
            nobody.run(migration.unapply, state(), editor)
