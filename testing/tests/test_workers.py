"""What one worker decides, the others know at once."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from testing.service import serving

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

    with ThreadPoolExecutor(8) as pool:
        before = list(pool.map(me, range(40)))
        assert call(port, "POST", "/api/auth/logout", token)[0] == 200
        after = list(pool.map(me, range(40)))

    assert set(before) == {200}
    assert set(after) == {401}
    # A worker writes its line after it has answered.
    workers = re.findall(r"GET /api/auth/me 401 .* pid=(\d+)", log.read_text())
    assert len(set(workers)) == 2
