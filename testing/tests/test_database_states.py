"""gunicorn over HTTP before a PostgreSQL that answers, but not as usual."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from testing import pgbouncer
from testing.postgres import Cluster
from testing.service import MIGRATE, Server, free_port, output, serving

# They have servers of their own: once is enough.
pytestmark = pytest.mark.postgresql

JSON: dict[str, str] = {"Content_Type": "application/json"}


@pytest.fixture(scope="module", autouse=True)
def _migrated(database: Cluster) -> None:
    assert output(MIGRATE, settings(database.url)) == ""


@contextmanager
def server_for(url: str, directory: Path, **extra: str) -> Iterator[Server]:
    with serving(directory / "log", settings(url, **extra)) as server:
        yield server


def settings(url: str, **extra: str) -> dict[str, str]:
    limits = {"API_RATE_LIMIT": "100000/min", "AUTH_RATE_LIMIT": "1000/min"}
    return {"DATABASE_URL": url, "WEB_CONCURRENCY": "1", **limits, **extra}


def sign_up(server: Server, email: str) -> tuple[str, dict[str, str]]:
    """The path of the tasks, and the headers."""
    body = json.dumps({"email": email, "password": "a long enough phrase 42"}).encode()
    status, _, content = server.send("/api/auth/signup", body, **JSON)
    assert status == 201, content
    pair = json.loads(content)
    return f"/api/{pair['user']['id']}/tasks", {"Authorization": f"Bearer {pair['access_token']}", **JSON}


def change(server: Server, path: str, headers: dict[str, str]) -> tuple[int, Any, bytes]:
    return server.send(path, None, method="PATCH", **headers)


def is_problem(answer: tuple[int, Any, bytes], code: str) -> bool:
    status, headers, body = answer
    assert (status, headers["Content-Type"]) == (503, "application/problem+json"), body
    assert int(headers["Retry-After"]) > 0
    return bool(json.loads(body)["code"] == code)


@contextmanager
def altered(database: Cluster, there: str, back: str) -> Iterator[None]:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute(there)
        try:
            yield
        finally:
            other.execute("SET default_transaction_read_only = off")
            other.execute(back)


def test_a_read_only_database_says_so_and_can_be_read(database: Cluster, tmp_path: Path) -> None:
    read_only = "ALTER DATABASE postgres SET default_transaction_read_only = on"
    with server_for(database.url, tmp_path) as server:
        tasks, headers = sign_up(server, "reader@example.com")
        assert server.send(tasks, b'{"title": "Before"}', **headers)[0] == 201
        with psycopg.connect(database.url, autocommit=True) as other:
            # A minute ago, so that the next call would note that the session was seen.
            other.execute("UPDATE accounts_session SET last_seen_at = last_seen_at - interval '2 minutes'")
    with (
        altered(database, read_only, "ALTER DATABASE postgres RESET default_transaction_read_only"),
        server_for(database.url, tmp_path) as server,
    ):
        status, _, body = server.send(tasks, None, **headers)
        assert (status, [task["title"] for task in json.loads(body)["data"]]) == (200, ["Before"])
        assert is_problem(server.send(tasks, b'{"title": "During"}', **headers), "read_only")
        signup = b'{"email": "late@example.com", "password": "a long enough phrase 42"}'
        assert is_problem(server.send("/api/auth/signup", signup, **JSON), "read_only")
        login = b'{"email": "reader@example.com", "password": "a long enough phrase 42"}'
        assert is_problem(server.send("/api/auth/login", login, **JSON), "read_only")
        page = server.send("/admin/login/")
        assert page[0] == 200
        said = server.log.read_text()
    assert "Traceback" not in said
    assert 'File "' not in said


def test_pending_migrations_are_503(database: Cluster, tmp_path: Path) -> None:
    with server_for(database.url, tmp_path) as server:
        tasks, headers = sign_up(server, "early@example.com")
        for there, back in (
            ("ALTER TABLE tasks_task RENAME TO tasks_old", "ALTER TABLE tasks_old RENAME TO tasks_task"),
            ("ALTER TABLE tasks_task RENAME title TO heading", "ALTER TABLE tasks_task RENAME heading TO title"),
        ):
            with altered(database, there, back):
                assert is_problem(server.send(tasks, None, **headers), "not_migrated")
                assert is_problem(server.send(tasks, b'{"title": "x"}', **headers), "not_migrated")
            assert server.send(tasks, b'{"title": "x"}', **headers)[0] == 201


def test_a_row_that_is_locked_holds_up_its_writers_for_two_seconds_and_health_not_at_all(
    database: Cluster, tmp_path: Path
) -> None:
    with server_for(database.url, tmp_path) as server:
        tasks, headers = sign_up(server, "locked@example.com")
        task = json.loads(server.send(tasks, b'{"title": "Locked"}', **headers)[2])["id"]
        with psycopg.connect(database.url_of("postgres")) as other, ThreadPoolExecutor(41) as pool:
            assert other.execute("SELECT 1 FROM tasks_task WHERE id = %s FOR UPDATE", [task]).fetchone()
            started = time.monotonic()
            toggle = f"{tasks}/{task}/toggle"
            toggles = [pool.submit(change, server, toggle, headers) for _ in range(24)]
            time.sleep(0.5)
            for _ in range(5):
                assert server.send("/health")[0] == 200
            # Behind the toggles they would come last.
            assert not all(future.done() for future in toggles)
            answers = [future.result() for future in toggles]
            # Eight threads: rounds of two seconds, and not of the five that a statement may take.
            assert time.monotonic() - started < 14
            assert all(is_problem(answer, "unavailable") for answer in answers)
        assert change(server, toggle, headers)[0] == 200


def row_security(server: Server) -> tuple[int, str]:
    status, _, body = server.send("/health/ready")
    return status, json.loads(body)["checks"]["row_security"]


def test_a_role_that_no_policy_binds_is_said_once_and_in_readiness(database: Cluster, tmp_path: Path) -> None:
    unbound = database.url_of("postgres")
    for url, state, warnings in ((database.url, "on", 0), (unbound, "off", 1)):
        with serving(tmp_path / "log", settings(url, WEB_CONCURRENCY="2")) as server:
            assert row_security(server) == (200, "ok" if state == "on" else "off")
            said = server.log.read_text()
        assert f"/admin/  row security: {state}\n" in said
        assert said.count("Row security is off") == warnings
    with psycopg.connect(unbound, autocommit=True) as other, server_for(database.url, tmp_path) as server:
        for change, state in (
            ("ALTER ROLE todo BYPASSRLS", "off"),
            ("ALTER ROLE todo NOBYPASSRLS", "ok"),
            ("ALTER TABLE tasks_task NO FORCE ROW LEVEL SECURITY", "off"),
            ("ALTER TABLE tasks_task FORCE ROW LEVEL SECURITY", "ok"),
        ):
            other.execute(change)
            assert row_security(server) == (200, state), change


def test_a_start_without_the_database_says_that_nothing_is_known(tmp_path: Path) -> None:
    with server_for(f"postgresql://todo:x@127.0.0.1:{free_port()}/todo", tmp_path) as server:
        assert "/admin/  row security: unknown, the database does not answer yet\n" in server.log.read_text()


LIMITS = """
import socket
import django

django.setup()
from core.sql import serving
from django.db import connection

serving.is_command = {is_command}
with connection.cursor() as cursor:
    cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    print(*cursor.fetchone())
peer = socket.socket(fileno=connection.connection.fileno())
options = socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT
print(*(peer.getsockopt(socket.IPPROTO_TCP, o) for o in options))
print(peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
peer.detach()
connection.close()
"""


def test_the_limits_are_the_settings_and_a_command_has_none(database: Cluster) -> None:
    for is_command, extra, limits in (
        (False, dict[str, str](), "5s 2s"),
        (False, {"DB_STATEMENT_TIMEOUT_MS": "1500", "DB_LOCK_TIMEOUT_MS": "0"}, "1500ms 0"),
        (True, {}, "0 0"),
    ):
        printed = output(("-c", LIMITS.format(is_command=is_command)), settings(database.url, **extra))
        assert printed == f"{limits}\n10 3 3\n1\n"


def pooler() -> str:
    program = pgbouncer.find()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed")
    return program


@pytest.mark.parametrize("mentioned", ["", "?pgbouncer=true"])
def test_behind_a_pooler_nobody_waits_for_a_lock_any_longer(database: Cluster, tmp_path: Path, mentioned: str) -> None:
    # So that a statement's own end is told from that of its wait for a lock.
    patient = {"DB_STATEMENT_TIMEOUT_MS": "15000"}
    with pgbouncer.running(pooler(), database) as url, server_for(url + mentioned, tmp_path, **patient) as server:
        # Two people: whose change waits behind another of their own waits twice.
        people = [sign_up(server, f"pooled-lock{len(mentioned)}-{number}@example.com") for number in range(2)]
        (tasks, headers), (others_tasks, others_headers) = people
        task, second = (json.loads(server.send(at, b'{"title": "Locked"}', **who)[2])["id"] for at, who in people)
        rename = json.dumps({"operations": [{"op": "update", "id": second, "data": {"title": "Other"}}]}).encode()
        with psycopg.connect(database.url_of("postgres")) as other, ThreadPoolExecutor(2) as pool:
            assert other.execute("SELECT FROM tasks_task WHERE id IN (%s, %s) FOR UPDATE", [task, second]).fetchall()
            started = time.monotonic()
            # One by a statement, one in a transaction.
            calls = (
                pool.submit(change, server, f"{tasks}/{task}/toggle", headers),
                pool.submit(server.send, f"{others_tasks}/bulk", rename, **others_headers),
            )
            for call in calls:
                assert is_problem(call.result(), "unavailable")
                assert 1.5 < time.monotonic() - started < 10
        assert change(server, f"{tasks}/{task}/toggle", headers)[0] == 200
        with psycopg.connect(url) as other:
            # It went with each transaction.
            assert other.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_a_pooler_that_nobody_mentioned_costs_no_answer_and_one_line(database: Cluster, tmp_path: Path) -> None:
    with pgbouncer.running(pooler(), database) as url, server_for(url, tmp_path) as server:
        people = [sign_up(server, f"pooled{number}@example.com") for number in range(8)]

        def work(person: tuple[str, dict[str, str]]) -> list[int]:
            tasks, headers = person
            statuses = []
            for number in range(40):
                status, _, body = server.send(tasks, b'{"title": "%d"}' % number, **headers)
                statuses.append(status)
                if status == 201:
                    task = f"{tasks}/{json.loads(body)['id']}"
                    statuses.append(change(server, f"{task}/toggle", headers)[0])
                    statuses.append(server.send(task, None, **headers)[0])
                statuses.append(server.send(f"{tasks}?limit=5", None, **headers)[0])
            return statuses

        with ThreadPoolExecutor(8) as pool:
            statuses = [status for found in pool.map(work, people) for status in found]
        said = server.log.read_text()
    assert set(statuses) == {200, 201}
    assert len(statuses) == 8 * 40 * 4
    assert said.count("A pooler stands before the database") == 1
    with psycopg.connect(database.url) as other:
        # Nobody else's connections are limited by what was set through it.
        assert other.execute("SHOW statement_timeout").fetchone() == ("0",)
