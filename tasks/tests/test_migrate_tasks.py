"""The migration where the role may not have the extension."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from testing.databases import empty_database
from testing.service import MIGRATE, output


@pytest.mark.postgresql
def test_without_the_right_to_the_extension_it_goes_on_without(tmp_path: Path) -> None:
    role, password = f"plain_{secrets.token_hex(4)}", secrets.token_hex(16)
    with empty_database(tmp_path) as url:
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )
            database.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(role)))
        parts = urlsplit(url)
        own = urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.hostname}:{parts.port}"))
        try:
            output(MIGRATE, {"DATABASE_URL": own})
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
