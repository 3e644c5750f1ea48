"""README's tour, pasted as it stands into the shells that people have."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from testing.service import ROOT, RUN_SECONDS, serving

pytestmark = pytest.mark.once

BLOCK: Final = re.compile(r"```sh\n(.*?)```", re.DOTALL)
ADDRESS: Final = "http://localhost:8000"
# Typed into an interactive shell, where "!" and more has a meaning of its own, and run as a script.
SHELLS: Final = {
    "bash, typed": ("bash", "--norc", "--noprofile", "-i"),
    "bash": ("bash", "-eu"),
    "sh": ("sh", "-eu"),
    "zsh": ("zsh", "-f", "-i"),
}


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def tour() -> str:
    section = re.search(r"\n## A tour with curl\n(.*?)\n## ", readme(), re.DOTALL)
    assert section
    blocks = BLOCK.findall(section[1])
    assert len(blocks) >= 8
    return "".join(blocks)


def test_the_parts_after_the_tour_need_nothing_of_it() -> None:
    after = readme().partition("\n## A tour with curl\n")[2].partition("\n## ")[2]

    assert BLOCK.findall(after)
    assert not [block for block in BLOCK.findall(after) if re.search(r"^api |\$TOKEN|\$ME\b", block, re.MULTILINE)]


def test_the_tour_leaves_no_token_in_a_file() -> None:
    assert "/tmp/" not in tour()  # noqa: S108 - what must not be there
    assert ">" not in re.sub(r"'[^']*'", "", tour())


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tour_works_pasted_whole_twice(own_database: str, tmp_path: Path, shell: str) -> None:
    command = SHELLS[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    settings = {"DATABASE_URL": own_database, "WEB_CONCURRENCY": "1"}
    # The tour asks python3 fifty times: this one, and not a version manager's program that looks for one each time.
    python_first = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with serving(tmp_path / "log", settings) as server:
        pasted = tour().replace(ADDRESS, server.base)
        assert pasted.count(server.base) == 1
        twice = pasted + pasted + "exit\n"
        done = subprocess.run(
            command, input=twice, cwd=tmp_path, env=python_first, capture_output=True, text=True, timeout=RUN_SECONDS,
            check=False,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr
    # Only the email that is taken, the second time, and the refusal that the tour shows.
    assert re.findall(r'^    "status": (\d+)', done.stdout, re.MULTILINE) == ["403", "409", "403"]
    for shown in ('"name": "Ada"', '"title": "Buy food"', '"title": "Call mum"', "pay the rent", '"completed": true'):
        assert done.stdout.count(shown) >= 2, shown
    # A field to the line; only tokens are long.
    assert max(len(line) for line in done.stdout.splitlines() if '"eyJ' not in line) < 400
