import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

BETTER_AUTH = Path(__file__).parent / "better_auth"


@pytest.fixture(scope="session")
def better_auth_package() -> None:
    """Installs the pinned packages once; without Node the tests are skipped, but not in CI."""
    install(BETTER_AUTH, *_own_headers())


def install(package: Path, *arguments: str) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail(f"The tests in {package.name} need node and npm.")
        pytest.skip(f"node and npm are not installed: no tests in {package.name}")
    lock, installed = package / "package-lock.json", package / "node_modules" / ".package-lock.json"
    with (package / "package.json").open() as file:
        # Of several test runs at once one installs.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", *arguments]
            subprocess.run(command, cwd=package, check=True)


def _own_headers() -> list[str]:
    """Has better-sqlite3 compile against the headers that lie beside Node, rather than download them."""
    node = shutil.which("node")
    prefix = Path(node).resolve().parent.parent if node else None
    return [f"--nodedir={prefix}"] if prefix and (prefix / "include/node/node.h").exists() else []
