"""``make test``: the whole suite on SQLite and on PostgreSQL at the same time, over all cores.

Each has a worker for each core, and each worker a database of its own: for a good part of a run tests wait for
servers, limits and locks, and meanwhile the other run has the core. ``-n 0`` runs the tests of each in one process.
``--sqlite-python PATH`` names another interpreter for the run on SQLite: two versions of Python in the time of one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from testing import postgres

# Begins with a half of the modules each, so that most servers of a module start once; who is done helps.
OVER_CORES = ("-n", "auto", "--dist", "worksteal")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--sqlite-python", default=sys.executable)
    chosen, arguments = parser.parse_known_args(words)
    with ThreadPoolExecutor(1) as beside, tempfile.TemporaryFile() as output:
        postgresql = beside.submit(_on_postgresql, [*arguments, "-m", "not once"], output)
        print("\n=== SQLite", flush=True)
        status = _pytest(arguments, "sqlite:///:memory:", None, chosen.sqlite_python)
        other_status = postgresql.result()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
    return status or other_status


def _on_postgresql(arguments: list[str], output: IO[bytes]) -> int:
    """What it prints waits in ``output``: two runs on one screen nobody can read."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        _say("\n=== PostgreSQL at TEST_DATABASE_URL", output)
        return _pytest(arguments, url, output)
    binaries = postgres.find_binaries()
    if binaries is None:
        _say("\n!!! PostgreSQL is not installed: the suite ran on SQLite only.", output)
        return 1 if os.environ.get("CI") else 0
    _say("\n=== PostgreSQL, a cluster of its own", output)
    with postgres.cluster(binaries) as url:
        return _pytest(arguments, url, output)


def _say(line: str, output: IO[bytes]) -> None:
    output.write(f"{line}\n".encode())
    output.flush()


def _pytest(arguments: list[str], url: str, output: IO[bytes] | None, python: str = sys.executable) -> int:
    command = [python, "-m", "pytest", *OVER_CORES, *arguments]
    settings = {**os.environ, "TEST_DATABASE_URL": url}
    # Compiled once then, and not by each worker and each server that a test starts.
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        command, env=settings, stdin=subprocess.DEVNULL if output else None, stdout=output,
        stderr=subprocess.STDOUT if output else None, check=False,
    ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
