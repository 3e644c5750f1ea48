"""Migrations are safe beside the release before, and one that is not is found."""

from typing import Any

import pytest
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from testing.safe_migrations import lint


@pytest.mark.once
def test_what_was_released_is_there() -> None:
    assert len(lint.released()) > 20
    assert lint.released() <= lint.ours()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_those_since_the_last_release_are_safe_beside_it() -> None:
    assert lint.dangers(lint.ours() - lint.released()) == []


def sql(*operations: Operation) -> str:
    """As sqlmigrate would print it, of a migration that came after all there are."""
    planted = type("Planted", (migrations.Migration,), {"operations": list(operations)})
    migration = planted("0099_planted", "tasks")
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(MigrationLoader(connection).project_state(), editor, collect_sql=True)
    return "\n".join(editor.collected_sql)


def add(field: Any) -> Operation:
    return migrations.AddField("task", "planted", field)


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
}  # fmt: skip
SAFE: dict[str, tuple[Operation, ...]] = {
    "a column that the database fills": (FILLED,),
    "a column that may be empty": (add(models.UUIDField(null=True)),),
    "an index beside the writers": (AddIndexConcurrently("task", INDEX),),
    "a table of its own": (TABLE,),
}


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("planted", UNSAFE)
def test_one_that_is_not_safe_is_found(planted: str) -> None:
    operations, message = UNSAFE[planted]

    found = lint.judge(sql(*operations))

    assert [line for line in found if line.startswith(message)], found


@pytest.mark.postgresql
# An index beside the writers is made in no transaction.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("planted", SAFE)
def test_one_that_is_safe_is_let_through(planted: str) -> None:
    assert lint.judge(sql(*SAFE[planted])) == []
