"""python -m testing.chaos [NAME ...]: prints the table; fails where a row does not hold.

A scenario with a row that does not hold is run once more, and both measures are told: what a busy machine missed once
it does not miss again, and a fault it does.
"""

import platform
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from testing import postgres
from testing.chaos import clients, databases, leaving, surroundings
from testing.chaos.place import Place, Scenario
from testing.chaos.table import Findings, Row, render
from testing.service import MIGRATE, output

SCENARIOS: Final[dict[str, Scenario]] = {
    "clients": clients.run,
    "leaving": leaving.run,
    "databases": databases.run,
    "surroundings": surroundings.run,
}
REPORT: Final = Path("deploy/RESILIENCE.md")
INTRODUCTION: Final = """\
# What the service bears

`make chaos` does each of these things to real processes, gunicorn with two workers before a PostgreSQL of its own, and
fails where one does not hold. Last written on {date}, on {machine}, in {seconds:.0f} s, by `make chaos ARGS=--write`.

"""


def main(arguments: list[str]) -> int:
    named = [argument for argument in arguments if not argument.startswith("-")] or list(SCENARIOS)
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("No PostgreSQL server binaries on this machine.")
    begun = time.monotonic()
    with postgres.own_cluster(binaries) as cluster, tempfile.TemporaryDirectory(prefix="todo-chaos-") as home:
        place = Place(cluster, Path(home))
        output(MIGRATE, {"DATABASE_URL": cluster.url})
        rows = [row for name in named for row in _told(name, place)]
    table = render(rows)
    print(table, flush=True)
    if "--write" in arguments:
        REPORT.write_text(_introduction(time.monotonic() - begun) + table + "\n")
    missed = [row for row in rows if not row.holds]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} hold, in {time.monotonic() - begun:.0f} s.")
    return 1 if missed else 0


def _told(name: str, place: Place) -> list[Row]:
    rows = _measured(name, place)
    if all(row.holds for row in rows):
        return rows
    print(render([row for row in rows if not row.holds]), file=sys.stderr, flush=True)
    again = {(row.fault, row.what): row for row in _measured(name, place)}
    return [row if row.holds else _second(row, again.get((row.fault, row.what))) for row in rows]


def _second(first: Row, second: Row | None) -> Row:
    if second is None:
        return first
    return replace(second, measured=f"{second.measured} (at first {first.measured})")


def _measured(name: str, place: Place) -> list[Row]:
    begun = time.monotonic()
    found: list[Findings] = SCENARIOS[name](place)
    print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return [row for findings in found for row in findings.rows]


def _introduction(seconds: float) -> str:
    cpus = Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in cpus.splitlines() if line.startswith("model name")), "?")
    machine = f"{cpus.count('processor')} cores of {model}, Linux {platform.release().partition('-')[0]}"
    return INTRODUCTION.format(date=datetime.now(UTC).date(), machine=machine, seconds=seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
