"""People of a real Better Auth move in, from the tables that its own migration made."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql

from accounts.models import User
from e2e.better_auth.conftest import BetterAuth
from tasks.models import Task
from testing.callers import Caller
from testing.postgres import Cluster
from todo_project.importing.tests.backends import HERE, Backend, b
from todo_project.importing.tests.backends.times import NAIVE_AT
from todo_project.importing.tests.commands import move

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.names_no_owner("it looks at the rows of all whom the command moved"),
    pytest.mark.usefixtures("better_auth_package", "roomy_auth_limit"),
]

PASSWORD: Final = "correct horse"
COLUMNS: Final = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    "postgresql": """
        SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position
    """,
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/better-auth.sqlite3"
    cluster: Cluster = request.getfixturevalue("database")
    name = tmp_path.name.replace("-", "_").lower()
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{cluster.url.removesuffix('/postgres')}/{name}"


@pytest.fixture
def server(url: str) -> Iterator[BetterAuth]:
    """With its admin plugin."""
    running = BetterAuth(url.removeprefix("sqlite:///"), "default", "sessions")
    try:
        yield running
    finally:
        running.stop()


def dialect(url: str) -> str:
    return url.partition(":")[0]


def execute(url: str, script: str, query: str | None = None) -> list[Any]:
    if dialect(url) == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.executescript(script)
            return file.execute(query).fetchall() if query else []
    with psycopg.connect(url) as connection:
        connection.execute(script.encode())
        return connection.execute(query.encode()).fetchall() if query else []


def test_people_and_their_passwords_roles_and_bans_come_along(url: str, server: BetterAuth, tmp_path: Path) -> None:
    ada, ben, eve, kim = (server.sign_up(f"{name.lower()}@example.com", name) for name in ("Ada", "Ben", "Eve", "Kim"))
    execute(url, """UPDATE "user" SET role = 'admin', "emailVerified" = TRUE WHERE name = 'Ada'""")
    ada.post("/api/auth/admin/set-role", {"userId": eve.id, "role": ["user", "admin"]})
    ada.post("/api/auth/admin/ban-user", {"userId": ben.id, "banExpiresIn": 86400})
    ada.post("/api/auth/admin/create-user", {"email": "lee@example.com", "name": "Lee", "role": "user"})
    server.stop()
    backend = Backend("b", url, has_people=True)
    backend.keep(b.Task(user_id=kim.id, title="Buy milk", created_at=NAIVE_AT, updated_at=NAIVE_AT))

    said = move(backend, "--own-accounts", "--with-roles")

    assert "users: 5 read, 5 moved, 0 here already, 0 left out" in said
    admins = ", ".join(sorted([ada.id, eve.id]))
    assert f"2 were made admins here, as they are there: {admins}." in said
    assert "1 users have no password there, and need one here to log in." in said
    people = User.objects.order_by("name").values_list("name", "id", "role", "is_active", "email_verified")
    assert [row for row in people if row[0] != "Lee"] == [
        ("Ada", ada.id, "admin", True, True),
        ("Ben", ben.id, "user", False, False),
        ("Eve", eve.id, "admin", True, False),
        ("Kim", kim.id, "user", True, False),
    ]
    assert [(task.user_id, task.title) for task in Task.objects.all()] == [(kim.id, "Buy milk")]
    _log_in_twice("kim@example.com")


def _log_in_twice(email: str) -> None:
    """With the hash that came along, and with the one that it was made anew as."""
    assert Caller().post("/api/auth/login", {"email": email, "password": f"{PASSWORD}!"}).status == 401
    for algorithm in ("better_auth$", "bcrypt_sha256$"):
        assert User.objects.get(email=email).password.startswith(algorithm)
        assert Caller().post("/api/auth/login", {"email": email, "password": PASSWORD}).status == 200


def test_the_quick_tests_have_the_tables_of_its_migration(url: str, server: BetterAuth, tmp_path: Path) -> None:
    found = execute(url, "", COLUMNS[dialect(url)])
    recorded = (HERE / f"better_auth.{dialect(url)}.sql").read_text()
    begin = "CREATE SCHEMA recorded; SET search_path = recorded;" if dialect(url) == "postgresql" else ""
    own = f"sqlite:///{tmp_path}/recorded.sqlite3" if dialect(url) == "sqlite" else url

    assert execute(own, f"{begin}{recorded}", COLUMNS[dialect(url)]) == found
