"""gunicorn over HTTP while its PostgreSQL restarts, stops and comes back."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import psycopg
import pytest

from testing.postgres import Cluster
from testing.service import MIGRATE, Server, copy_code, output, run, serving, wait_until

# It has a server of its own: once is enough.
pytestmark = pytest.mark.postgresql

PASSWORD = "a long enough phrase 42"
# What a request waits for a connection.
PATIENCE_SECONDS = 5
# A pool tries again after longer and longer: this is soon for it, also on a busy machine.
RECOVERY_SECONDS = 30
# Those that are in the pool: what it asks each of when it has made it ends with a COMMIT.
POOLED = """
    SELECT count(*) FILTER (WHERE state = 'idle' AND query <> '') FROM pg_stat_activity WHERE application_name = 'todo'
    HAVING count(*) = count(*) FILTER (WHERE state = 'idle' AND query <> '')
"""


@pytest.fixture(scope="module")
def home(database: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code, its database migrated."""
    home = copy_code(tmp_path_factory.mktemp("away") / "code")
    assert output(MIGRATE, settings(database), home=home) == ""
    return home


def settings(database: Cluster, **extra: str) -> dict[str, str]:
    return {"DATABASE_URL": database.url, "WEB_CONCURRENCY": "1", **extra}


def ready(server: Server) -> int:
    return server.send("/health/ready")[0]


def kill_connections(database: Cluster) -> int:
    with psycopg.connect(database.url, autocommit=True) as other:
        killed = other.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE application_name = 'todo'"
        ).fetchall()
    assert all(row == (True,) for row in killed)
    return len(killed)


def fill_pool(server: Server, database: Cluster, size: int) -> None:
    """Until it holds all the connections it keeps."""
    with psycopg.connect(database.url, autocommit=True) as other:

        def is_full() -> bool:
            assert ready(server) == 200
            row = other.execute(POOLED).fetchone()
            return row is not None and row[0] >= size

        wait_until(is_full)


def sign_up(server: Server, email: str) -> dict[str, str]:
    status, _, body = server.send(
        "/api/auth/signup", body=orjson.dumps({"email": email, "password": PASSWORD}), Content_Type="application/json"
    )
    assert status == 201
    return {"Authorization": f"Bearer {orjson.loads(body)['access_token']}", "id": orjson.loads(body)["user"]["id"]}


@pytest.mark.parametrize("command", [("check", "--database=default"), ("migrate", "--check")])
def test_commands_end_promptly_and_quietly_with_a_pool(home: Path, database: Cluster, command: tuple[str, ...]) -> None:
    # A pool that is not closed in time says so there.
    output(("manage.py", *command), settings(database), home=home)


def test_killed_connections_are_not_noticed_by_clients(home: Path, database: Cluster) -> None:
    with serving(home / "log", settings(database), home=home) as server:
        session = sign_up(server, "bob@example.com")
        tasks = f"/api/{session.pop('id')}/tasks"
        for _ in range(2):
            fill_pool(server, database, 5)
            assert kill_connections(database) >= 5
            started = time.monotonic()
            with ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(lambda _: server.send(tasks, None, **session)[0], range(40)))
            assert statuses == [200] * 40
            # Five seconds each, had they waited for a connection in vain.
            assert time.monotonic() - started < 15


def test_without_the_check_each_killed_connection_costs_one_answer(home: Path, database: Cluster) -> None:
    settled = settings(database, DB_POOL_PRE_PING="false", DB_POOL_SIZE="2", DB_MAX_OVERFLOW="0")
    with psycopg.connect(database.url, autocommit=True) as other:
        # Of the server before.
        wait_until(lambda: other.execute(POOLED).fetchone() == (0,))
    with serving(home / "log", settled, home=home) as server:
        fill_pool(server, database, 2)
        killed = kill_connections(database)
        statuses = [ready(server) for _ in range(10)]
    assert killed == statuses.count(503) == 2
    assert statuses[-1] == 200


def test_a_stopped_server_is_503_and_its_return_is_seen(home: Path, database: Cluster) -> None:
    with serving(home / "log", settings(database), home=home) as server:
        session = sign_up(server, "alice@example.com")
        tasks = f"/api/{session.pop('id')}/tasks"
        fill_pool(server, database, 5)
        database.stop()
        try:
            started = time.monotonic()
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _: server.send(tasks, None, **session), range(8)))
            # All at once, and not one after the other.
            assert time.monotonic() - started < 4 * PATIENCE_SECONDS
            for status, headers, body in answers:
                assert (status, headers["Content-Type"]) == (503, "application/problem+json")
                assert int(headers["Retry-After"]) > 0
                assert orjson.loads(body)["code"] == "unavailable"
            assert server.send("/health")[0] == 200
        finally:
            database.start()
        back = time.monotonic()
        statuses = [server.send(tasks, None, **session)[0]]
        while statuses[-1] != 200 and time.monotonic() - back < RECOVERY_SECONDS:
            statuses.append(server.send(tasks, None, **session)[0])
        assert statuses[-1] == 200, statuses
        said = server.log.read_text()
    assert "alice@example.com" not in said
    assert database.password not in said


def test_the_pool_is_as_the_settings_say(home: Path, database: Cluster) -> None:
    program = (
        "import django; django.setup()\n"
        "from django.db import connection as c\n"
        "c.ensure_connection()\n"
        "p = c.pool\n"
        "print(p.min_size, p.max_size, p.max_lifetime, p.timeout, c.settings_dict['POOL_PRE_PING'], c.vendor)\n"
        "c.close()\n"
    )
    extra = {"DB_POOL_SIZE": "2", "DB_MAX_OVERFLOW": "1", "DB_POOL_RECYCLE": "60", "DB_POOL_PRE_PING": "off"}
    done = run(("-c", program), settings(database, **extra), home=home)
    assert (done.stdout, done.stderr) == ("2 3 60 5 False postgresql\n", "")
