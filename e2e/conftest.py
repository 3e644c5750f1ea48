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
    install(BETTER_AUTH)


def install(package: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail(f"The tests in {package.name} need node and npm.")
        pytest.skip(f"node and npm are not installed: no tests in {package.name}")
    lock, installed = package / "package-lock.json", package / "node_modules" / ".package-lock.json"
    with (package / "package.json").open() as file:
        # Of several test runs at once one installs.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=package, check=True)
