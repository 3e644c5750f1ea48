"""``make bench``: this service beside what else one might have written, measured on this machine.

BENCH_ROUNDS (5), BENCH_SECONDS (6) and BENCH_WARM_UP_SECONDS (2) set how long; BENCH_GROWTH
(1000,100000,1000000) the numbers of tasks of the users whose pages are timed. The results are printed
and kept in bench/RESULTS.md; the exit status is 1 when a bar is missed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import psycopg

from bench import agreement, bars, database, growth, load, machine, report
from bench.services import ROOT, SERVICES, Running, production, running
from testing import postgres

USERS: Final = 100
TASKS: Final = 1000
# Of each user, whose reads and toggles take turns.
KNOWN_TASKS: Final = 20
RESULTS: Final = Path(__file__).parent / "RESULTS.md"

Person = tuple[str, str]


def main() -> int:
    load.require_wrk()
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("The PostgreSQL server is not installed: it is the Debian package `postgresql`.")
    with postgres.cluster(binaries) as server_url, tempfile.TemporaryDirectory(prefix="todo-bench-") as directory:
        return _run(server_url, Path(directory))


def _run(server_url: str, directory: Path) -> int:
    about = machine.describe(server_url)
    sizes = [int(size) for size in os.environ.get("BENCH_GROWTH", "1000,100000,1000000").split(",")]
    print("Making the databases", flush=True)
    own_url, people = _prepare(server_url, sizes)
    users, owners = people[:USERS], dict(zip(sizes, people[USERS:], strict=True))
    plan = load.Plan(
        rounds=_setting("BENCH_ROUNDS", 5),
        seconds=_setting("BENCH_SECONDS", 6),
        warm_up_seconds=_setting("BENCH_WARM_UP_SECONDS", 2),
        cast=directory / "cast.lua",
    )
    tasks = _write_cast(plan.cast, own_url, users)
    with ExitStack() as stack:
        services = [
            stack.enter_context(running(service, database.named(server_url, service.database), directory))
            for service in SERVICES
        ]
        missing = agreement.check(services, *users[0], tasks, TASKS)
        measured = load.measure(services, plan)
        results = _results(services[0], own_url, measured, owners, missing)
    return _tell(results, about)


def _prepare(server_url: str, sizes: Sequence[int]) -> tuple[str, list[Person]]:
    """Fills a database for each service. Gives the service's, and everybody with a token."""
    database.quieten(server_url)
    own, *peers = [service.database for service in SERVICES]
    own_url = database.create(server_url, own)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=production(own_url), check=True
    )
    people: list[Person] = [(user_id, token) for user_id, token in _inside(own_url, "mint", str(USERS + len(sizes)))]
    counts = [(user_id, TASKS) for user_id, _ in people[:USERS]]
    growing = [(user_id, size) for (user_id, _), size in zip(people[USERS:], sizes, strict=True)]
    database.fill_service(own_url, [*counts, *growing])
    database.fill_peer(database.create(server_url, peers[0]), own_url, counts)
    for peer in peers[1:]:
        database.create(server_url, peer, template=peers[0])
    return own_url, people


def _write_cast(path: Path, own_url: str, users: Sequence[Person]) -> list[str]:
    """What wrk's script reads. Gives the ids of the first user's tasks."""
    with psycopg.connect(own_url) as connection:
        tasks = {
            user_id: [
                str(task_id)
                for (task_id,) in connection.execute(
                    "SELECT id FROM tasks_task WHERE user_id = %s ORDER BY id LIMIT %s", [user_id, KNOWN_TASKS]
                )
            ]
            for user_id, _ in users
        }
    lines = [
        f"  {{ id = {_lua(user_id)}, token = {_lua(token)}, tasks = {{ {', '.join(map(_lua, tasks[user_id]))} }} }},"
        for user_id, token in users
    ]
    path.write_text("\n".join(["return {", *lines, "}", ""]))
    return tasks[users[0][0]]


def _results(
    service: Running, own_url: str, measured: load.Measured, owners: dict[int, Person], missing: frozenset[str]
) -> bars.Results:
    megabytes = service.peak_megabytes()
    print("Timing pages", flush=True)
    pages = growth.measure(service.base, owners)
    token = next(iter(owners.values()))[1]
    return bars.Results(measured, pages, megabytes, _inside(own_url, "session_check", token), missing)


def _tell(results: bars.Results, about: list[str]) -> int:
    single = {scenario.connections for scenario in load.SCENARIOS if scenario.key != "mixed"}
    text = report.markdown(results, about, {"users": USERS, "tasks": TASKS, "connections": max(single)})
    RESULTS.write_text(text)
    print(f"\n{text}")
    return 0 if all(bar.is_met for bar in bars.judge(results)) else 1


def _inside(database_url: str, program: str, argument: str) -> Any:
    """The JSON that a program of bench.inside prints."""
    command = [sys.executable, "-m", f"bench.inside.{program}", argument]
    ended = subprocess.run(command, cwd=ROOT, env=production(database_url), stdout=subprocess.PIPE, check=True)
    return json.loads(ended.stdout)


def _lua(text: str) -> str:
    return json.dumps(text)


def _setting(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) == 0:
        sys.exit(f"{name} must be a whole number above 0.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
