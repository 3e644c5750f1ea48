"""``make bench``: this service beside what else one might have written, measured on this machine.

``make bench ARGS=tasks``, ``ARGS=chat`` and ``ARGS=live`` measure one part; the others' chapters
of bench/RESULTS.md stay.
``ARGS="tasks --against COMMIT"`` has this service as it was at COMMIT among the peers.
BENCH_ROUNDS (3), BENCH_SECONDS (3; of the chat 6) and BENCH_WARM_UP_SECONDS (2) set how long; BENCH_GROWTH
(1000,100000,1000000) the numbers of tasks of the users whose pages are timed. The results are printed
and kept in bench/RESULTS.md; the exit status is 1 when a bar is missed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import agreement, bars, cast, chat, database, growth, lab, load, machine, report, slow, turns
from bench.bars import Bar
from bench.lab import Lab
from bench.live import measuring, telling
from bench.services import THE_SERVICE, Running, running
from testing import postgres

PARTS: Final = ("tasks", "chat", "live")
RESULTS: Final = Path(__file__).parent / "RESULTS.md"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures this service beside others.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{' or '.join(PARTS)}; all without")
    parser.add_argument("--against", metavar="COMMIT", default="", help="an earlier commit, beside the peers")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}; there are {' and '.join(PARTS)}.")
    load.require_wrk()
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("The PostgreSQL server is not installed: it is the Debian package `postgresql`.")
    with postgres.own_cluster(binaries) as cluster, tempfile.TemporaryDirectory(prefix="todo-bench-") as directory:
        database.quieten(cluster.url_of("postgres"))
        return _run(cluster.url, Path(directory), asked.parts or PARTS, asked.against)


def _run(server_url: str, directory: Path, parts: Sequence[str], against: str) -> int:
    print("Making the databases", flush=True)
    made = lab.prepare(server_url, directory)
    chapters, met = {}, []
    if "tasks" in parts:
        chapters[report.TASKS], judged = _measure_tasks(made, _plan(made, seconds=3), server_url, against)
        met += judged
    if "chat" in parts:
        chapters[report.CHAT], judged = _measure_chat(made, _plan(made, seconds=6))
        met += judged
    if "live" in parts:
        # Behind the load, where both are measured.
        chapters[report.LIVE], judged = _measure_live(made, _plan(made, seconds=3), has_owners="tasks" in parts)
        met += judged
    RESULTS.write_text(report.merge(RESULTS.read_text() if RESULTS.exists() else "", chapters))
    print("\n" + "\n".join(chapters.values()))
    return 0 if all(bar.is_met for bar in met) else 1


def _plan(made: Lab, *, seconds: int) -> load.Plan:
    actors: list[cast.Actor] = [
        {"id": user_id, "token": token, "tasks": [task_id for task_id, _ in made.tasks[user_id]]}
        for user_id, token in made.users
    ]
    return load.Plan(
        rounds=_setting("BENCH_ROUNDS", 3),
        seconds=_setting("BENCH_SECONDS", seconds),
        warm_up_seconds=_setting("BENCH_WARM_UP_SECONDS", 2),
        cast=cast.write(made.directory / "cast.lua", actors),
    )


def _measure_tasks(made: Lab, plan: load.Plan, server_url: str, against: str) -> tuple[str, list[Bar]]:
    with ExitStack() as stack:
        services = [
            stack.enter_context(running(service, url, made.directory))
            for service, url in lab.beside(made, server_url, against)
        ]
        user = made.users[0]
        task_ids = [task_id for task_id, _ in made.tasks[user[0]]]
        missing = agreement.check(services, *user, task_ids, lab.TASKS)
        results = _results(services, made, load.measure(services, plan), missing, is_against=bool(against))
    single = {scenario.connections for scenario in load.SCENARIOS if scenario.key != "mixed"}
    about = {"users": lab.USERS, "tasks": lab.TASKS, "connections": max(single)}
    return report.of_tasks(results, [*made.about, machine.describe_peers()], about), bars.judge(results)


def _measure_chat(made: Lab, plan: load.Plan) -> tuple[str, list[Bar]]:
    with running(THE_SERVICE, made.own_url, made.directory) as service:
        built_in = turns.measure(service, made.users, made.tasks, plan)
        megabytes = service.peak_megabytes()
    results = chat.Results(built_in, slow.measure(made.own_url, made.users, plan, made.directory), megabytes)
    text = chat.chapter(results, made.about, {"users": lab.USERS, "tasks": lab.TASKS})
    return text, chat.judge(results)


def _measure_live(made: Lab, plan: load.Plan, *, has_owners: bool) -> tuple[str, list[Bar]]:
    if not has_owners:
        lab.add_owners(made)
    results = measuring.measure(made, plan)
    return telling.chapter(results, made.about, len(made.users)), telling.judge(results)


def _results(
    services: Sequence[Running], made: Lab, measured: load.Measured, missing: frozenset[str], *, is_against: bool
) -> bars.Results:
    service, _, earlier, *_ = services
    megabytes = service.peak_megabytes()
    print("Timing pages", flush=True)
    lab.add_owners(made)
    pages = growth.measure(service.base, made.owners)
    token = made.users[0][1]
    check = lab.inside(made.own_url, "session_check", token)
    return bars.Results(measured, pages, megabytes, check, missing, earlier.name if is_against else "")


def _setting(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) == 0:
        sys.exit(f"{name} must be a whole number above 0.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
