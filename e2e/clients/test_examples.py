"""The pages in plain languages do against the real service what they show, with an expired token as well."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.clients.conftest import SECONDS
from testing.service import ROOT, Server

pytestmark = pytest.mark.once

# How each is run, and its own way to have a token that is refused.
WAYS = {
    "todo.sh": ("bash", "# Half an hour later", "ACCESS=spoilt # "),
    "todo.py": (sys.executable, "# Half an hour later", 'session["access_token"] = "spoilt"  # '),
    "todo.mjs": ("node", "// Half an hour later", 'session.access_token = "spoilt"; // '),
}


@pytest.mark.parametrize("is_refused", [False, True], ids=["fresh", "refused"])
@pytest.mark.parametrize("name", WAYS)
def test_it_lists_what_it_made(server: Server, tmp_path: Path, name: str, is_refused: bool) -> None:
    program, moment, spoiling = WAYS[name]
    assert shutil.which(program), f"{program} is not installed."
    text = (ROOT / "examples" / name).read_text()
    assert text.count(moment) == 1
    changes = {"http://localhost:8000": server.base, "ada@example.com": f"{name}-{is_refused}@example.com"}
    if is_refused:
        changes[moment] = spoiling
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / name).write_text(text)

    done = subprocess.run([program, name], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Buy milk") == 1
