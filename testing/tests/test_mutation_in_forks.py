"""A change is tried in a fork of the process that has recorded the tests, which has none of its threads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing.mutation.jobs import OPTIONS, VARIABLE, Job
from testing.mutation.mutants import mutants_of

pytestmark = pytest.mark.once

RULES = """
def is_open(count):
    return count < 3


def room(count):
    return 3 - count
"""

# As the suite's own plugin does.
CONFTEST = """
import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems():
    gc.freeze()
"""

TESTS = """
import queue
import threading

import pytest

import rules

with open("imports", "a") as imports:
    imports.write("x")


@pytest.fixture(scope="session")
def server():
    asked, told = queue.Queue(), queue.Queue()

    def serve():
        while True:
            told.put(asked.get())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread, asked, told


def test_by_a_thread(server):
    thread, asked, told = server
    rules.room(2)
    asked.put(rules.is_open(2))
    assert thread.is_alive()
    assert told.get(timeout=60) is True


def test_alone():
    assert rules.room(2) == 1
"""


def test_what_fails_in_a_fork_without_any_change_tells_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(RULES)
    (tmp_path / "test_rules.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "results").touch()
    found = {mutant.change: mutant for mutant in mutants_of(str(tmp_path / "rules.py"))}
    # Noticed by a thread's answer, which a new process has; by nobody; without any thread.
    expected = {
        "return count < 3  ->  return None": "killed",
        "count < 3  ->  count <= 3": "survived",
        "3 - count  ->  3 + count": "killed",
    }
    Job([found[change] for change in expected], [str(tmp_path / "rules.py")], str(tmp_path / "results")).write(
        tmp_path / "job"
    )
    command = [sys.executable, "-m", "pytest", "-p", "testing.mutation.warm", *OPTIONS, "test_rules.py"]
    environment = {**os.environ, VARIABLE: str(tmp_path / "job"), "PYTHONPATH": os.pathsep.join([str(Path.cwd()), "."])}
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)

    results = [json.loads(line) for line in (tmp_path / "results").read_text().splitlines()]
    assert {each["mutant"]["change"]: each["outcome"] for each in results} == expected, done.stdout
    # Once to record, and once for each of the first two: the third is decided in a fork.
    assert (tmp_path / "imports").read_text() == "xxx"
