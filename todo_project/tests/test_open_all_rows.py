"""Everybody's rows are opened by name (``core.sql.row_owner``): by staff and commands, by no ordinary caller."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bench.database import open_rows
from core.sql import row_owner
from tasks.models import Task
from testing.callers import Caller
from testing.service import run
from todo_project.importing.tests.backends import Backend
from todo_project.tests.test_isolation import CASES, filled

TITLE: Final = {"title": "Buy milk"}
# By the end of a route: what a body must hold to be taken.
BODIES: Final[dict[str, Any]] = {
    "tasks": TITLE,
    "{user_id}": TITLE,
    "{task_id}": TITLE,
    "complete": {"completed": True},
    "bulk": {"operations": [{"op": "create", "data": TITLE}]},
    "chat": {"message": "Add a task to buy milk"},
    "chatkit": {"type": "threads.list", "params": {}},
    "auth/me": {"name": "Alice"},
    "mcp": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "list_tasks", "arguments": {}},
    },
    "auth/tokens": {"name": "A script", "scopes": ["tasks:read"]},
}
# What a query must hold.
QUERIES: Final = {"changes": "?since=0"}
# Refused to an ordinary caller who sends no more than that.
REFUSED: Final = ("signup", "login", "refresh", "password", "auth/email", "confirm", "undo", "api/admin/")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What everybody's rows have been opened for since."""
    reasons: set[str] = set()
    monkeypatch.setattr(row_owner, "_reasons", reasons)
    return reasons


@pytest.mark.parametrize(("route", "method"), CASES)
def test_no_route_opens_them_for_an_ordinary_caller(
    alice: Caller, make_task: Callable[..., Task], opened: set[str], route: str, method: str
) -> None:
    path = "/" + filled(route, alice, make_task(alice))
    body = next((body for end, body in BODIES.items() if route.endswith(end)), None)

    path += next((query for end, query in QUERIES.items() if route.endswith(end)), "")
    answer = alice.send(method, path, None if method == "GET" else body)

    is_refused = any(part in route for part in REFUSED) or (route, method) == ("api/auth/me", "DELETE")
    assert (answer.status >= 400) == is_refused, answer
    assert opened == set()


@pytest.mark.names_no_owner(reason="the staff site")
def test_staff_opens_them_by_name(admin: Caller, opened: set[str]) -> None:
    assert admin.get("/api/admin/users").status == 200
    assert opened == {"the admin endpoints"}

    opened.clear()
    admin.client.force_login(admin.user)
    assert admin.client.get("/admin/tasks/task/").status_code == 200
    assert opened == {"the staff site"}


class Terminal:
    """``manage.py`` on a database whose role row security binds."""

    def __init__(self, url: str) -> None:
        self._url = url

    def run(self, *command: str, typed: str = "") -> str:
        done = run(("manage.py", *command), {"DATABASE_URL": self._url, "LOG_LEVEL": "WARNING"}, typed=typed.encode())
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with open_rows(self._url) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str) -> int:
        return int(self.query(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - a name of ours


@pytest.fixture
def terminal(own_database: str) -> Terminal:
    return Terminal(own_database)


@pytest.mark.postgresql
def test_commands_reach_what_they_are_for(terminal: Terminal, tmp_path: Path) -> None:
    email = re.search(r"Log in as (\S+)", terminal.run("demo", "--users=2", "--tasks=3"))[1]  # type: ignore[index] # it says so
    assert terminal.count("tasks_task") == 6

    terminal.run("promote_admin", email)
    assert terminal.query("SELECT role FROM accounts_user WHERE email = %s", email) == [("admin",)]

    said = terminal.count("assistant_message")
    terminal.run("chat", email, typed="Add a task to buy milk\n")
    [(user_id,)] = terminal.query("SELECT user_id FROM tasks_task GROUP BY user_id HAVING count(*) = 4")
    assert terminal.query("SELECT email FROM accounts_user WHERE id = %s", user_id) == [(email,)]
    assert terminal.count("assistant_message") == said + 2

    dumped = json.loads(terminal.run("dumpdata", "tasks.task", "assistant.conversation"))
    assert [row["model"] for row in dumped].count("tasks.task") == 7
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps([row for row in dumped if row["model"] == "tasks.task"]))
    terminal.query("DELETE FROM tasks_task")
    terminal.run("loaddata", str(file))
    assert terminal.count("tasks_task") == 7
    counted = terminal.run(
        "shell", "--verbosity=0", "--command=from tasks.models import Task; print(Task.objects.count())"
    )
    assert counted == "7\n"


@pytest.mark.postgresql
def test_moving_in_reaches_everybodys_rows(terminal: Terminal, tmp_path: Path) -> None:
    backend = Backend("d", f"sqlite:///{tmp_path}/other.sqlite3")
    backend.fill("")

    for _ in range(2):
        terminal.run("import_backend", "d", "--database-url", backend.url)
        tables = ("tasks_task", "tasks_oldtaskid", "assistant_conversation", "assistant_message")
        assert [terminal.count(table) for table in tables] == [2, 2, 1, 2]


@pytest.mark.postgresql
def test_pruning_reaches_everybodys_rows(terminal: Terminal) -> None:
    terminal.run("demo", "--users=2", "--tasks=1")
    long_ago = datetime.now(UTC) - timedelta(days=9)
    for (user_id,) in terminal.query("SELECT id FROM accounts_user"):
        terminal.query("INSERT INTO assistant_tokenuse (user_id, day, tokens) VALUES (%s, %s, 1)", user_id, long_ago)
        terminal.query(
            "INSERT INTO core_idempotencykey (id, user_id, request_hash, body_hash, headers, content, created_at)"
            " VALUES (gen_random_uuid(), %s, 'x', 'y', '{}', '', %s)",
            user_id,
            long_ago,
        )

    said = terminal.run("prune")

    assert "idempotency keys: 2 deleted" in said
    assert "token counts: 2 deleted" in said
    assert (terminal.count("assistant_tokenuse"), terminal.count("core_idempotencykey")) == (0, 0)
