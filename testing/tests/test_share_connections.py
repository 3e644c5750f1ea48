"""Fifty people at once through PgBouncer in transaction mode, whose four connections serve all of them in turn:
nobody is shown another's rows, not even by a view that forgets whose they are.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import orjson
import psycopg
import pytest

from bench.services import production
from testing import pgbouncer, sockets
from testing.postgres import Cluster
from testing.service import MIGRATE, Server, answering, environment, free_port, output

# It has servers of its own: once is enough.
pytestmark = pytest.mark.postgresql

PEOPLE: Final = 50
ROUNDS: Final = 50
TASKS: Final = 10
# The service, with two views more whose author forgot the owner; the second one forgot to ask who is calling, too.
PLANTED: Final = """
from todo_project.wsgi import application
from django.db import DatabaseError, connection, transaction
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks.models import Task
from todo_project import urls


def owners():
    return list(Task.objects.values_list("user_id", flat=True))


class Forgetful(APIView):
    def get(self, request):
        found = [owners()]
        with transaction.atomic():
            found.append(owners())
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            except DatabaseError:
                found.append(owners())
        return Response(found)


class Open(APIView):
    permission_classes = ()

    def get(self, request):
        return Response([owners()])


urls.urlpatterns[:0] = [path("forgetful", Forgetful.as_view()), path("open", Open.as_view())]
"""


class Person:
    """One client, over one connection, who keeps count of what is theirs.

    It reads bytes: what takes an answer apart in general costs more than the answer.
    """

    def __init__(self, server: Server, user_id: str, token: str) -> None:
        self._user_id, self._tasks, self._made = user_id, f"/api/{user_id}/tasks", 0
        self._connection = sockets.connect(server.port)
        self._answers = self._connection.makefile("rb")
        self._headers = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n".encode()
        self.sent = 0

    def work(self) -> int:
        """How many requests it sent."""
        with self._connection, self._answers:
            made: Any = None
            for number in range(ROUNDS):
                is_time = number % (ROUNDS // TASKS) == 0
                made = self._make(number) if is_time else self._ask("GET", f"{self._tasks}/{made['id']}")
                assert made["user_id"] == self._user_id
                self._check_owners([task["user_id"] for task in self._ask("GET", f"{self._tasks}?limit=1000")["data"]])
                assert self._ask("PATCH", f"{self._tasks}/{made['id']}/toggle")["user_id"] == self._user_id
                for owners in self._ask("GET", ("/forgetful", "/open")[number % 2]):
                    self._check_owners(owners)
        return self.sent

    def _make(self, number: int) -> Any:
        self._made += 1
        return self._ask("POST", self._tasks, b'{"title": "Task %d"}' % number)

    def _check_owners(self, owners: list[str]) -> None:
        assert owners == [self._user_id] * self._made

    def _ask(self, method: str, path: str, body: bytes = b"") -> Any:
        about = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        self._connection.sendall(f"{method} {path}".encode() + self._headers + (about if body else b"\r\n"))
        self.sent += 1
        status = self._answers.readline()
        # The end of the connection ends it too.
        head = b"".join(iter(lambda: self._answers.readline() or b"\r\n", b"\r\n")).lower()
        content = self._answers.read(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        assert status.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), content
        return orjson.loads(content)


@pytest.fixture
def pooled(database: Cluster) -> Iterator[str]:
    program = pgbouncer.find()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed")
    with pgbouncer.running(program, database) as url:
        yield url


def test_ten_thousand_requests_show_nobody_anothers_rows(database: Cluster, pooled: str, tmp_path: Path) -> None:
    settings = production(database.url) | {"WEB_CONCURRENCY": "2"}
    assert output(MIGRATE, settings) == ""
    people = orjson.loads(output(("-m", "bench.inside.mint", str(PEOPLE)), settings))
    (tmp_path / "planted.py").write_text(PLANTED)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", f"--pythonpath={tmp_path}", "planted:application"]
    variables = environment(settings | {"DATABASE_URL": pooled, "HOST": "127.0.0.1", "PORT": str(port)})

    with answering(command, port, tmp_path / "log", variables) as server, ThreadPoolExecutor(PEOPLE) as pool:
        sent = sum(pool.map(Person.work, [Person(server, *person) for person in people]))
        assert orjson.loads(server.send("/open")[2]) == [[]]

    assert sent == 10_000
    with psycopg.connect(pooled, autocommit=True) as stranger:
        # Each of PgBouncer's connections, which have served others until now.
        for _ in range(4 * pgbouncer.SERVER_CONNECTIONS):
            assert stranger.execute("SELECT count(*) FROM tasks_task").fetchone() == (0,)
    with psycopg.connect(database.url_of("postgres")) as superuser:
        assert superuser.execute("SELECT count(*) FROM tasks_task").fetchone() == (PEOPLE * TASKS,)
