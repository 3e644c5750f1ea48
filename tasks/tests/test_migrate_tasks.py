"""Migration 0003 on a database that is in use, and where it may not have the extension."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from accounts.ids import uuid7
from testing import starting
from testing.callers import Caller
from testing.databases import empty_database
from todo_project import env


@pytest.fixture
def old_tasks() -> Iterator[Any]:
    """The task model of migration 0001, on a database that stands there."""
    executor = MigrationExecutor(connection)
    executor.migrate([("tasks", "0001_initial")])
    yield executor.loader.project_state([("tasks", "0001_initial")]).apps.get_model("tasks", "Task")
    migrate_forward()


def migrate_forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("tasks"))


@pytest.mark.names_no_owner(reason="a migration is about everybody's rows")
@pytest.mark.django_db(transaction=True)
def test_rows_from_before_are_found_and_sorted(old_tasks: Any, alice: Caller) -> None:
    for title, description in (("STRASSE", "ÉCOLE"), ("a", None)):
        now = datetime.now(UTC)
        old_tasks.objects.create(
            id=uuid7(now), user_id=alice.id, title=title, description=description, created_at=now, updated_at=now
        )

    migrate_forward()

    assert [task["title"] for task in alice.get(f"{alice.tasks}?ordering=title").json["data"]] == ["a", "STRASSE"]
    [found] = alice.get(f"{alice.tasks}?search=straße+école").json["data"]
    assert (found["title"], found["priority"], found["due_at"], found["tags"]) == ("STRASSE", "medium", None, [])


@pytest.mark.postgresql
def test_without_the_right_to_the_extension_it_goes_on_without(tmp_path: Path) -> None:
    role, password = f"plain_{secrets.token_hex(4)}", secrets.token_hex(16)
    with empty_database(os.environ["TEST_DATABASE_URL"], tmp_path) as url:
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )
            database.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(role)))
        parts = urlsplit(url)
        own = urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.hostname}:{parts.port}"))
        try:
            settings = {"ENV_FILE": "", "SECRET_KEY": starting.KEY, "DATABASE_URL": own}
            done = starting.run(("manage.py", "migrate", "--verbosity=0"), env.BASE_DIR, settings)
            assert done.returncode == 0, done.stderr
            with psycopg.connect(own) as database:
                names = {name for (name,) in database.execute("SELECT indexname FROM pg_indexes")}
                extensions = {name for (name,) in database.execute("SELECT extname FROM pg_extension")}
        finally:
            with psycopg.connect(url, autocommit=True) as database:
                database.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
                database.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    assert "pg_trgm" not in extensions
    assert "tasks_task_words" not in names
    assert {"tasks_task_tag_keys", "tasks_task_user_title"} <= names
