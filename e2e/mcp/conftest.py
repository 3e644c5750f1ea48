import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.mcp.proxy import signing
from testing.service import MIGRATE, ROOT, Server, output, serving

HERE: Final = Path(__file__).parent
CLIENT_PYTHON: Final = ROOT / ".venv-mcp" / "bin" / "python"
PASSWORD: Final = "correct horse battery"
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with an account at the running service."""

    server: Server
    session: str

    def make_token(self, *scopes: str) -> str:
        return str(self.send("/api/auth/tokens", {"name": "e2e", "scopes": scopes})["token"])

    def titles(self) -> list[str]:
        return sorted(task["title"] for task in self.send("/api/tasks")["data"])

    def add(self, *titles: str) -> list[str]:
        return [self.send("/api/tasks", {"title": title})["id"] for title in titles]

    def send(self, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        status, _, answer = self.server.send(
            path, content, Authorization=f"Bearer {self.session}", Content_Type="application/json"
        )
        assert status < 300, answer
        return json.loads(answer)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("service")
    settings = {"DATABASE_URL": f"sqlite:///{directory}/todo.sqlite3", "AUTH_RATE_LIMIT": "1000/min"}
    output([*MIGRATE], settings)
    with serving(directory / "service.log", settings) as server:
        yield server


@pytest.fixture
def person(service: Server) -> Person:
    body = {"email": f"ada{next(_numbers)}@example.com", "password": PASSWORD}
    status, _, answer = service.send("/api/auth/signup", json.dumps(body).encode(), Content_Type="application/json")
    assert status == 201, answer
    return Person(service, json.loads(answer)["access_token"])


@pytest.fixture
def open_url(person: Person) -> Iterator[str]:
    """Where ``/mcp`` needs no token: who speaks there cannot send one."""
    with signing(person.server, person.make_token("tasks:read", "tasks:write")) as url:
        yield url


@pytest.fixture(scope="session")
def official_client() -> Path:
    if not CLIENT_PYTHON.exists():
        pytest.fail("The official client is not installed: make e2e-mcp does that.")
    return CLIENT_PYTHON


@pytest.fixture(scope="session")
def conformance() -> list[str]:
    """The command, with its pinned packages installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("The conformance tests of MCP need node and npm.")
        pytest.skip("node and npm are not installed")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, check=True)
    program = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    return ["node", "--import", "./older_node.mjs", program]
