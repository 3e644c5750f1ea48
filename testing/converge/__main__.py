"""python -m testing.converge [postgresql] [pgbouncer] [sqlite] [--full] [--operations N] [--clients N] [--seed N]

Replicas of one user's tasks over two servers, with connections cut and workers killed; fails where in the end one
differs from the service's list, or a change was lost or done twice. A seed that is given again brings the same
operations and faults; what meets what is the machine's.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from testing import pgbouncer, postgres
from testing.chaos.place import GENEROUS
from testing.converge.crowd import Findings, Size, run
from testing.service import MIGRATE, output, serving

SERVERS: Final = 2
# For one run of all three: in CI, and as it is promised.
SHORT: Final = {
    "postgresql": Size(20, 1200, 1.0),
    "pgbouncer": Size(20, 500, 1.0),
    "sqlite": Size(6, 120, 0.7),
}
FULL: Final = {
    "postgresql": Size(50, 10_000, 1.0),
    "pgbouncer": Size(50, 10_000, 1.0),
    "sqlite": Size(20, 1000, 2.0),
}


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    faults = 0
    for name in asked.databases or SHORT:
        usual = (FULL if asked.full else SHORT)[name]
        size = Size(asked.clients or usual.clients, asked.operations or usual.operations, usual.kill_every_seconds)
        begun = time.monotonic()
        print(f"{name}, seed {seed}: {size.clients} clients", flush=True)
        findings = converge(name, seed, size)
        print(f"{name}, seed {seed}: {findings}, in {time.monotonic() - begun:.0f} s", flush=True)
        for fault in findings.faults[:20]:
            print(f"  {fault}", flush=True)
        faults += len(findings.faults)
    if faults:
        print(f"\nOnce more: make converge ARGS='{' '.join([*arguments, f'--seed {seed}'])}'")
    return 1 if faults else 0


def converge(database: str, seed: int, size: Size) -> Findings:
    with tempfile.TemporaryDirectory(prefix="todo-converge-") as home, ExitStack() as stack:
        url, direct = stack.enter_context(_database(database, Path(home)))
        output(MIGRATE, {"DATABASE_URL": direct})
        settings = {"DATABASE_URL": url, **GENEROUS}
        logs = [Path(home, f"{number}.log") for number in range(SERVERS)]
        servers = [stack.enter_context(serving(log, settings)) for log in logs]
        return run(seed, size, servers, direct)


@contextmanager
def _database(name: str, home: Path) -> Iterator[tuple[str, str]]:
    """Its URL for the service, and the one without what stands between."""
    if name == "sqlite":
        yield (f"sqlite:///{home / 'db.sqlite3'}",) * 2
        return
    binaries, program = postgres.find_binaries(), pgbouncer.find()
    if binaries is None or (name == "pgbouncer" and program is None):
        sys.exit(f"{name} is not installed.")
    with postgres.own_cluster(binaries) as cluster:
        if name == "pgbouncer" and program:
            with pgbouncer.running(program, cluster) as url:
                yield url, cluster.url
        else:
            yield cluster.url, cluster.url


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make converge ARGS=...", description=__doc__)
    parser.add_argument("databases", nargs="*", choices=[*SHORT, []], help="all three without")
    parser.add_argument("--full", action="store_true", help="50 clients, 10000 operations")
    parser.add_argument("--clients", type=int)
    parser.add_argument("--operations", type=int)
    parser.add_argument("--seed", type=int)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
