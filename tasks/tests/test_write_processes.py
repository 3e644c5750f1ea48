"""Writers that meet over several processes, on SQLite's file as on PostgreSQL."""

import http.client
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from testing.callers import in_parallel
from testing.service import serving

CREDENTIALS: Final = {"email": "ann@example.com", "password": "correct horse battery"}


class Processes:
    """Two gunicorns on one database, and somebody who calls them in turn."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._headers = {"Content-Type": "application/json", "Connection": "close"}
        pair = self.send(0, "POST", "/api/auth/signup", CREDENTIALS)[2]
        self._headers["Authorization"] = f"Bearer {pair['access_token']}"
        self.tasks = f"/api/{pair['user']['id']}/tasks"

    def send(
        self, number: int, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._ports[number % len(self._ports)], timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, orjson.dumps(body) if body else None, {**self._headers, **named})
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders()), orjson.loads(answer.read() or "null")

    def twenty(self, method: str, path: str, body: Any = None, **headers: str) -> list[tuple[int, dict[str, str], Any]]:
        calls = [partial(self.send, number, method, path, body, **headers) for number in range(20)]
        return in_parallel(calls)


@pytest.fixture
def processes(own_database: str, tmp_path: Path) -> Iterator[Processes]:
    settings = {"DATABASE_URL": own_database, "WEB_CONCURRENCY": "1"}
    with serving(tmp_path / "log-1", settings) as one, serving(tmp_path / "log-2", settings) as other:
        yield Processes([one.port, other.port])


def test_writers_in_two_processes_do_not_get_past_each_other(processes: Processes) -> None:
    created = processes.twenty("POST", processes.tasks, {"title": "Once"}, Idempotency_Key="key")
    assert {status for status, _, _ in created} == {201}
    assert len({task["id"] for _, _, task in created}) == 1
    assert sum("Idempotency-Replayed" in headers for _, headers, _ in created) == 19
    path, tag = created[0][1]["Location"], created[0][1]["ETag"]

    edited = processes.twenty("PATCH", path, {"title": "Edited"}, If_Match=tag)
    assert Counter(status for status, _, _ in edited) == {200: 1, 412: 19}

    toggled = processes.twenty("PATCH", f"{path}/toggle")
    assert Counter((status, task["completed"]) for status, _, task in toggled) == {(200, True): 10, (200, False): 10}

    operations = [{"op": "create", "data": {"title": "Many"}}] * 10 + [{"op": "delete", "id": created[0][2]["id"]}]
    bulks = processes.twenty("POST", f"{processes.tasks}/bulk", {"operations": operations})
    assert Counter(status for status, _, _ in bulks) == {200: 1, 422: 19}
    assert processes.send(0, "GET", processes.tasks)[2]["meta"]["count"] == 10
