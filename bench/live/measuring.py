"""What it costs to follow one's tasks: reading what has changed, and streams that say that something has."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from bench import load
from bench.calls import Caller
from bench.cast import Person
from bench.lab import Lab
from bench.live.listeners import listening
from bench.load import Figures, Plan, Scenario
from bench.services import THE_SERVICE, Running, running
from testing import redis_server

STREAMS: Final = 5000
CHANGES: Final = 1000
CALLS: Final = 100
TOLD: Final = 40
# For the last of a person's streams, from that moment on; seconds.
Wait = Callable[[str, float], float]
LISTS: Final = Scenario("list_50", "list of 50", 16)


@dataclass(frozen=True, slots=True)
class Results:
    # Milliseconds, by the number of tasks.
    changes: Mapping[int, float]
    alone: Sequence[Figures]
    beside: Sequence[Figures]
    megabytes: float
    # Milliseconds; None: Redis is not installed.
    visible: float
    at_once: float | None

    def ratio(self) -> float:
        return load.medians(self.beside).p95 / load.medians(self.alone).p95


def measure(made: Lab, plan: Plan) -> Results:
    people, each = made.users, STREAMS // len(made.users)
    with running(THE_SERVICE, made.own_url, made.directory) as service:
        changes = _time_changes(service.base, made.owners)
        load.drive(service, LISTS, plan.cast, plan.warm_up_seconds)
        alone = [load.drive(service, LISTS, plan.cast, plan.seconds) for _ in range(plan.rounds)]
        before = service.private_megabytes()
        with listening(service.base, people, each) as listeners:
            grown = service.private_megabytes() - before
            print(f"{len(listeners)} streams, {grown:.0f} MB", flush=True)
            beside = [load.drive(service, LISTS, plan.cast, plan.seconds) for _ in range(plan.rounds)]
            visible = _time_visible(service, people, listeners.wait_for_all)
    return Results(changes, alone, beside, grown, visible, _with_redis(made.own_url, people, each, made.directory))


def _with_redis(url: str, people: Sequence[Person], each: int, directory: Path) -> float | None:
    if not redis_server.is_installed():
        return None
    with redis_server.running() as redis:
        told = replace(THE_SERVICE, settings={"REDIS_URL": redis})
        with running(told, url, directory) as service, listening(service.base, people, each) as listeners:
            # Until the subscriptions are there.
            time.sleep(2)
            return _time_visible(service, people, listeners.wait_for_all)


def _time_changes(base: str, owners: Mapping[int, Person]) -> dict[int, float]:
    callers = {count: Caller(base, *owner) for count, owner in owners.items()}
    since = {count: _change(caller) for count, caller in callers.items()}
    taken: dict[int, list[float]] = {count: [] for count in callers}
    for _ in range(CALLS):
        for count, caller in callers.items():
            before = time.perf_counter()
            page = caller.send("GET", f"?since={since[count]}", under="changes")
            taken[count].append((time.perf_counter() - before) * 1000)
            if len(page["data"]) != min(CHANGES, count):
                raise load.Spoilt(f"{len(page['data'])} changes were told.")
    for caller in callers.values():
        caller.close()
    return {count: median(times) for count, times in taken.items()}


def _change(caller: Caller) -> int:
    """Completes the newest tasks; the number before."""
    listed = caller.send("GET", f"?limit={CHANGES}")
    ids = [task["id"] for task in listed["data"]]
    for start in range(0, len(ids), 100):
        operations = [
            {"op": "update", "id": each, "data": {"description": "changed"}} for each in ids[start : start + 100]
        ]
        caller.send("POST", "/bulk", {"operations": operations})
    return int(listed["meta"]["version"])


def _time_visible(service: Running, people: Sequence[Person], wait: Wait) -> float:
    """The 95th percentile, in milliseconds."""
    taken = []
    for person in people[:TOLD]:
        with closing(Caller(service.base, *person)) as caller:
            since = time.perf_counter()
            caller.send("POST", "", {"title": "Something new"}, expect=201)
            taken.append(wait(person[0], since) * 1000)
    return quantiles(taken, n=20)[-1]
