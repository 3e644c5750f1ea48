"""The Python client against the real service, from a folder that knows nothing of the service's code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.clients.conftest import SECONDS
from testing.service import ROOT, Server

pytestmark = pytest.mark.once

HOME = ROOT / "clients" / "python"


def python(*arguments: str, **variables: str) -> str:
    """In the client's own folder, which is all that can be imported besides packages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=HOME, env={**kept, "PYTHONPATH": "src", **variables},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests(server: Server) -> None:
    printed = python("-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", TODO_URL=server.base)

    assert int(re.findall(r"^(\d+) passed", printed, re.MULTILINE)[-1]) >= 20, printed


def test_its_types_hold() -> None:
    python("-m", "mypy", "src", "tests", "generate.py")


def test_the_code_of_its_page_runs(server: Server, tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", (HOME / "README.md").read_text(), re.DOTALL)[0]
    (tmp_path / "page.py").write_text(code.replace("http://localhost:8000", server.base))

    python("-m", "mypy", str(tmp_path / "page.py"))
    assert python(str(tmp_path / "page.py")).startswith("Buy milk\n")
