"""What one worker decides, the others know at once."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from testing.service import serving, wait_until

CREDENTIALS = {"email": "carol@example.com", "password": "correct horse battery"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def port(own_database: str, log: Path) -> Iterator[int]:
    with serving(log, {"DATABASE_URL": own_database, "WEB_CONCURRENCY": "2"}) as server:
        yield server.port


def call(port: int, method: str, path: str, token: str | None = None, body: Any = None) -> tuple[int, Any]:
    """Over a connection of its own, so that either worker may take it."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - our own server
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_logout_in_one_worker_is_seen_by_the_other_at_once(port: int, log: Path) -> None:
    token = call(port, "POST", "/api/auth/signup", body=CREDENTIALS)[1]["access_token"]

    def me(_: int) -> int:
        return call(port, "GET", "/api/auth/me", token)[0]

    def both_said(pool: Executor, status: int) -> bool:
        assert set(pool.map(me, range(16))) == {status}
        workers = re.findall(rf"GET /api/auth/me {status} .* pid=(\d+)", log.read_text())
        return len(set(workers)) == 2

    # Which one takes a connection is the kernel's to say, and its line follows its answer.
    with ThreadPoolExecutor(8) as pool:
        wait_until(lambda: both_said(pool, 200))
        assert call(port, "POST", "/api/auth/logout", token)[0] == 200
        wait_until(lambda: both_said(pool, 401))
