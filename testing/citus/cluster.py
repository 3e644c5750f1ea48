"""A Citus coordinator with two workers for one run, where the server's extension is installed.

python -m testing.citus.cluster COMMAND ...     runs COMMAND with DATABASE_URL and TEST_DATABASE_URL set
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg

from testing.postgres import Cluster, find_binaries

WORKERS: Final = 2
SETTINGS: Final = {
    "shared_preload_libraries": "citus",
    # Tables of few rows: fewer parts to empty after each test.
    "citus.shard_count": "4",
    "citus.enable_statistics_collection": "off",
    # On one machine; else it asks for certificates in a home that may be another's.
    "citus.node_conninfo": "sslmode=disable",
    "max_worker_processes": "16",
}


def find_citus() -> Path | None:
    """Where the newest server's programs are, if it has the extension."""
    binaries = find_binaries()
    if binaries is None:
        return None
    asked = subprocess.run([binaries / "pg_config", "--pkglibdir"], capture_output=True, text=True, check=False)
    return binaries if asked.returncode == 0 and Path(asked.stdout.strip(), "citus.so").exists() else None


@contextmanager
def spread_cluster(binaries: Path) -> Iterator[str]:
    """The URL of an empty database on the coordinator, whose role is no superuser."""
    with ExitStack() as stack:
        nodes = [stack.enter_context(_node(binaries)) for _ in range(1 + WORKERS)]
        coordinator, *workers = nodes
        with psycopg.connect(coordinator.url_of("postgres"), autocommit=True) as database:
            database.execute("SELECT citus_set_coordinator_host('127.0.0.1', %s)", [coordinator.port])
            for worker in workers:
                database.execute("SELECT citus_add_node('127.0.0.1', %s)", [worker.port])
        yield f"{coordinator.url}?citus=true"


@contextmanager
def _node(binaries: Path) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="todo-citus-") as root:
        made = Cluster(binaries, Path(root), SETTINGS, authentication="trust")
        made.create()
        made.start()
        try:
            made.make_role()
            with psycopg.connect(made.url_of("postgres"), autocommit=True) as database:
                database.execute("CREATE EXTENSION citus")
            yield made
        finally:
            made.stop(mode="immediate")


def main() -> int:
    binaries = find_citus()
    if binaries is None:
        sys.exit("No PostgreSQL server with Citus on this machine.")
    with spread_cluster(binaries) as url:
        variables = os.environ | {"DATABASE_URL": url, "TEST_DATABASE_URL": url}
        return subprocess.run(sys.argv[1:], env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
