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
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("The tests against the real Better Auth need node and npm.")
        pytest.skip("node and npm are not installed: no test against the real Better Auth")
    lock, installed = BETTER_AUTH / "package-lock.json", BETTER_AUTH / "node_modules" / ".package-lock.json"
    with (BETTER_AUTH / "package.json").open() as file:
        # Of several test runs at once one installs.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", *_own_headers()]
            subprocess.run(command, cwd=BETTER_AUTH, check=True)


def _own_headers() -> list[str]:
    """Has better-sqlite3 compile against the headers that lie beside Node, rather than download them."""
    node = shutil.which("node")
    prefix = Path(node).resolve().parent.parent if node else None
    return [f"--nodedir={prefix}"] if prefix and (prefix / "include/node/node.h").exists() else []
