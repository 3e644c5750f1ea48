"""The limits over several processes, as a client finds them."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from testing.callers import in_parallel
from testing.service import serving

CREDENTIALS: Final = {"email": "ann@example.com", "password": "correct horse battery"}
STRANGER: Final = {"email": "nobody@example.com", "password": "wrong"}


@contextmanager
def two_processes(directory: Path, database_url: str, **settings: str) -> Iterator[list[int]]:
    """The ports of two gunicorns with a worker each, so that a test knows which process it talks to."""
    settings = {"DATABASE_URL": database_url, "WEB_CONCURRENCY": "1", **settings}
    with serving(directory / "log-1", settings) as one, serving(directory / "log-2", settings) as other:
        yield [one.port, other.port]


def send(port: int, method: str, path: str, body: object = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, {"Content-Type": "application/json", "Connection": "close", **named})
    return connection.getresponse()


def log_in_at_once(ports: list[int], times: int) -> Counter[int]:
    """The statuses of parallel logins, each with another ``X-Forwarded-For``."""

    def log_in(number: int) -> int:
        port, address = ports[number % len(ports)], f"203.0.113.{number}"
        with send(port, "POST", "/api/auth/login", STRANGER, X_Forwarded_For=address) as answer:
            return answer.status

    return Counter(in_parallel([partial(log_in, number) for number in range(times)]))


def test_exactly_five_of_fifty_parallel_logins_are_admitted(own_database: str, tmp_path: Path) -> None:
    with two_processes(tmp_path, own_database) as ports:
        assert log_in_at_once(ports, 50) == {401: 5, 429: 45}
        # Nor any of the next, on either.
        assert log_in_at_once(ports, 10) == {429: 10}


@pytest.mark.once
def test_exactly_five_of_fifty_with_redis(own_database: str, redis_url: str, tmp_path: Path) -> None:
    with two_processes(tmp_path, own_database, REDIS_URL=redis_url) as ports:
        assert log_in_at_once(ports, 50) == {401: 5, 429: 45}


@pytest.mark.once
def test_processes_share_the_general_limit_through_redis(own_database: str, redis_url: str, tmp_path: Path) -> None:
    # None comes back in a quarter of an hour.
    with two_processes(tmp_path, own_database, REDIS_URL=redis_url, API_RATE_LIMIT="100/day") as ports:
        with send(ports[0], "POST", "/api/auth/signup", CREDENTIALS) as answer:
            token = f"Bearer {json.load(answer)['access_token']}"
        statuses, left = [], []
        for turn in range(130):
            with send(ports[turn % 2], "GET", "/api/auth/me", Authorization=token) as answer:
                statuses.append(answer.status)
                left.append(answer.headers["RateLimit-Remaining"])

    assert statuses == [200] * 100 + [429] * 30
    assert left[0] == "99"
    assert left[-1] == "0"
