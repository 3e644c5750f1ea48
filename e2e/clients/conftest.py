"""The real service that the clients' own tests call."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from testing.service import MIGRATE, ROOT, Server, output, serving

TYPESCRIPT: Final = ROOT / "clients" / "typescript"
# So that they are not what is tested.
ROOMY: Final = "1000000/min"
LIMITS: Final = {"AUTH_RATE_LIMIT": ROOMY, "API_RATE_LIMIT": ROOMY, "CHAT_RATE_LIMIT": ROOMY}
SECONDS: Final = 180


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("service")
    settings = {"DATABASE_URL": f"sqlite:///{folder}/todo.sqlite3", **LIMITS}
    output([*MIGRATE], settings)
    with serving(folder / "service.log", settings) as server:
        yield server


@pytest.fixture(scope="session")
def typescript() -> Path:
    """The client with its packages, built; without Node its tests are skipped, but not in CI."""
    if shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("The TypeScript client's tests need node and npm.")
        pytest.skip("node and npm are not installed: no test of the TypeScript client")
    lock, installed = TYPESCRIPT / "package-lock.json", TYPESCRIPT / "node_modules" / ".package-lock.json"
    with (TYPESCRIPT / "package.json").open() as file:
        # Of several test runs at once one installs.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            node("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", home=TYPESCRIPT)
            installed.touch()
        node("npm", "run", "--silent", "build", home=TYPESCRIPT)
    return TYPESCRIPT


def node(*command: str, home: Path, **variables: str) -> str:
    """What a program of Node's world prints; it must succeed."""
    done = subprocess.run(
        command, cwd=home, env={**os.environ, **variables}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
