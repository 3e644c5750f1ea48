"""``make test``: the whole suite on SQLite, then on PostgreSQL, over all cores.

Each worker has a database of its own; ``-n 0`` runs the tests in one process.
"""

import os
import subprocess
import sys

from testing import postgres

# Begins with a half of the modules each, so that most servers of a module start once; who is done helps.
OVER_CORES = ("-n", "auto", "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    status = _pytest("SQLite", arguments, {"TEST_DATABASE_URL": "sqlite:///:memory:"})
    if status:
        return status
    arguments = [*arguments, "-m", "not once"]
    if url := os.environ.get("TEST_DATABASE_URL"):
        return _pytest("PostgreSQL at TEST_DATABASE_URL", arguments, {"TEST_DATABASE_URL": url})
    binaries = postgres.find_binaries()
    if binaries is None:
        print("\n!!! PostgreSQL is not installed: the suite ran on SQLite only.", flush=True)
        return 1 if os.environ.get("CI") else 0
    with postgres.cluster(binaries) as url:
        return _pytest("PostgreSQL, a cluster of its own", arguments, {"TEST_DATABASE_URL": url})


def _pytest(database: str, arguments: list[str], settings: dict[str, str]) -> int:
    print(f"\n=== {database}", flush=True)
    command = [sys.executable, "-m", "pytest", *OVER_CORES, *arguments]
    return subprocess.run(command, env={**os.environ, **settings}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
