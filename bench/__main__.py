"""``make bench``: this service beside what else one might have written, measured on this machine.

``make bench ARGS=tasks`` and ``ARGS=chat`` measure one part; the other's chapter of bench/RESULTS.md stays.
BENCH_ROUNDS (5), BENCH_SECONDS (6) and BENCH_WARM_UP_SECONDS (2) set how long; BENCH_GROWTH
(1000,100000,1000000) the numbers of tasks of the users whose pages are timed. The results are printed
and kept in bench/RESULTS.md; the exit status is 1 when a bar is missed.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import agreement, bars, cast, chat, database, growth, load, machine, report, slow, turns
from bench.bars import Bar
from bench.cast import Person
from bench.services import SERVICES, Running, production, running
from testing import postgres
from testing.service import MIGRATE, output

USERS: Final = 100
TASKS: Final = 1000
PARTS: Final = ("tasks", "chat")
RESULTS: Final = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Lab:
    """The databases, and who is in the service's own."""

    server_url: str
    own_url: str
    directory: Path
    users: list[Person]
    # By the number of their tasks.
    owners: dict[int, Person]
    tasks: dict[str, cast.Tasks]
    about: list[str]


def main(parts: Sequence[str]) -> int:
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {' and '.join(PARTS)}.")
    load.require_wrk()
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("The PostgreSQL server is not installed: it is the Debian package `postgresql`.")
    with postgres.own_cluster(binaries) as cluster, tempfile.TemporaryDirectory(prefix="todo-bench-") as directory:
        database.quieten(cluster.url_of("postgres"))
        return _run(cluster.url, Path(directory), parts or PARTS)


def _run(server_url: str, directory: Path, parts: Sequence[str]) -> int:
    lab = _prepare(server_url, directory, with_peers="tasks" in parts)
    actors: list[cast.Actor] = [
        {"id": user_id, "token": token, "tasks": [task_id for task_id, _ in lab.tasks[user_id]]}
        for user_id, token in lab.users
    ]
    plan = load.Plan(
        rounds=_setting("BENCH_ROUNDS", 5),
        seconds=_setting("BENCH_SECONDS", 6),
        warm_up_seconds=_setting("BENCH_WARM_UP_SECONDS", 2),
        cast=cast.write(directory / "cast.lua", actors),
    )
    chapters, met = {}, []
    for part, measure in (("tasks", _measure_tasks), ("chat", _measure_chat)):
        if part in parts:
            heading, text, judged = measure(lab, plan)
            chapters[heading] = text
            met += judged
    RESULTS.write_text(report.merge(RESULTS.read_text() if RESULTS.exists() else "", chapters))
    print("\n" + "\n".join(chapters.values()))
    return 0 if all(bar.is_met for bar in met) else 1


def _measure_tasks(lab: Lab, plan: load.Plan) -> tuple[str, str, list[Bar]]:
    with ExitStack() as stack:
        services = [
            stack.enter_context(running(service, database.named(lab.server_url, service.database), lab.directory))
            for service in SERVICES
        ]
        user = lab.users[0]
        task_ids = [task_id for task_id, _ in lab.tasks[user[0]]]
        missing = agreement.check(services, *user, task_ids, TASKS)
        results = _results(services[0], lab, load.measure(services, plan), missing)
    single = {scenario.connections for scenario in load.SCENARIOS if scenario.key != "mixed"}
    about = {"users": USERS, "tasks": TASKS, "connections": max(single)}
    text = report.of_tasks(results, [*lab.about, machine.describe_peers()], about)
    return report.TASKS, text, bars.judge(results)


def _measure_chat(lab: Lab, plan: load.Plan) -> tuple[str, str, list[Bar]]:
    with running(SERVICES[0], lab.own_url, lab.directory) as service:
        built_in = turns.measure(service, lab.users, lab.tasks, plan)
        megabytes = service.peak_megabytes()
    results = chat.Results(built_in, slow.measure(lab.own_url, lab.users, plan, lab.directory), megabytes)
    text = chat.chapter(results, lab.about, {"users": USERS, "tasks": TASKS})
    return report.CHAT, text, chat.judge(results)


def _prepare(server_url: str, directory: Path, *, with_peers: bool) -> Lab:
    """Fills a database for each service."""
    about = machine.describe(server_url)
    print("Making the databases", flush=True)
    own, *peers = [service.database for service in SERVICES]
    own_url = database.create(server_url, own)
    output(MIGRATE, production(own_url))
    sizes = [int(size) for size in os.environ.get("BENCH_GROWTH", "1000,100000,1000000").split(",") if with_peers]
    people: list[Person] = [(user_id, token) for user_id, token in _inside(own_url, "mint", str(USERS + len(sizes)))]
    users, owners = people[:USERS], dict(zip(sizes, people[USERS:], strict=True))
    counts = [(user_id, TASKS) for user_id, _ in users]
    database.fill_service(own_url, [*counts, *((user_id, size) for size, (user_id, _) in owners.items())])
    if with_peers:
        _fill_peers(server_url, own_url, peers, counts)
    return Lab(server_url, own_url, directory, users, owners, cast.known_tasks(own_url, users), about)


def _fill_peers(server_url: str, own_url: str, peers: Sequence[str], counts: Sequence[tuple[str, int]]) -> None:
    database.fill_peer(database.create(server_url, peers[0]), own_url, counts)
    for peer in peers[1:]:
        database.create(server_url, peer, template=peers[0])


def _results(service: Running, lab: Lab, measured: load.Measured, missing: frozenset[str]) -> bars.Results:
    megabytes = service.peak_megabytes()
    print("Timing pages", flush=True)
    pages = growth.measure(service.base, lab.owners)
    token = next(iter(lab.owners.values()))[1]
    return bars.Results(measured, pages, megabytes, _inside(lab.own_url, "session_check", token), missing)


def _inside(database_url: str, program: str, argument: str) -> Any:
    """The JSON that a program of bench.inside prints."""
    return json.loads(output(("-m", f"bench.inside.{program}", argument), production(database_url)))


def _setting(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) == 0:
        sys.exit(f"{name} must be a whole number above 0.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
