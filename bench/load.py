"""Load from wrk, one service at a time in turn, and what came of it."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Final

from bench.services import (
    DRF,
    FASTAPI,
    FASTAPI_SESSIONS,
    FASTAPI_TUNED,
    FASTAPI_TUNED_SESSIONS,
    WITHOUT_POLICIES,
    Running,
)

SCRIPT: Final = Path(__file__).parent / "wrk" / "drive.lua"
# Of one core, while another service is measured: more means that it was not idle.
IDLE_SHARE: Final = 0.05
SETTLE_SECONDS: Final = 30


class Spoilt(Exception):
    """The figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Scenario:
    key: str
    title: str
    connections: int
    # Peers of which nothing is promised here, and little would be learnt for the time it takes.
    leaves_out: frozenset[str] = frozenset()


SINGLE: Final = frozenset({FASTAPI_TUNED, DRF})
CHANGES: Final = SINGLE | {FASTAPI_SESSIONS}
SCENARIOS: Final = (
    Scenario("list_50", "list of 50", 16, SINGLE),
    Scenario("list_1000", "list of 1000", 16, frozenset({FASTAPI_SESSIONS, FASTAPI_TUNED_SESSIONS})),
    Scenario("get", "get one", 16, SINGLE),
    Scenario("toggle", "toggle", 16, CHANGES),
    # Last but one: it makes the lists without a limit longer.
    Scenario("create", "create", 16, CHANGES),
    Scenario("mixed", "mixed", 100, SINGLE | {FASTAPI, WITHOUT_POLICIES}),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests per second, and milliseconds."""

    rate: float
    # Of the service's own processes for each request, and of PostgreSQL's.
    cpu: float
    database_cpu: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    seconds: int
    warm_up_seconds: int
    cast: Path


# By scenario and service, one for each round.
Measured = dict[str, dict[str, list[Figures]]]


def require_wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        sys.exit("wrk is not installed: it is the Debian package `wrk`.")
    return found


def measure(services: Sequence[Running], plan: Plan) -> Measured:
    """Raises ``Spoilt`` when anything was refused or broke off, or when another service was busy."""
    measured: Measured = {}
    for scenario in SCENARIOS:
        driven = [service for service in services if service.name not in scenario.leaves_out]
        found = measured[scenario.key] = {service.name: [] for service in driven}
        for service in driven:
            drive(service, scenario, plan.cast, plan.warm_up_seconds)
        for number in range(1, plan.rounds + 1):
            for service in driven:
                figures = _drive_alone(service, services, scenario, plan)
                found[service.name].append(figures)
                print(
                    f"{scenario.title:>12}  round {number}  {service.name:<31} {figures.rate:>7.0f}/s"
                    f"  p95 {figures.p95:6.1f} ms  CPU {figures.cpu:5.2f} + {figures.database_cpu:.2f} ms",
                    flush=True,
                )
    return measured


def _drive_alone(service: Running, services: Sequence[Running], scenario: Scenario, plan: Plan) -> Figures:
    others = [other for other in services if other is not service]
    settle(services)
    before = [other.cpu_seconds() for other in others]
    figures = drive(service, scenario, plan.cast, plan.seconds)
    for other, used in zip(others, before, strict=True):
        # Each by itself: the supervisors of five peers ping their workers, together for 3 % of a core.
        if (seconds := other.cpu_seconds() - used) > IDLE_SHARE * plan.seconds:
            raise Spoilt(f"{other.name} worked for {seconds:.2f} s while {service.name} was measured.")
    return figures


def settle(services: Sequence[Running]) -> None:
    """Until all have finished what wrk did not wait for. Raises ``Spoilt`` if they do not."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        before = sum(service.cpu_seconds() for service in services)
        time.sleep(0.3)
        if sum(service.cpu_seconds() for service in services) - before < IDLE_SHARE * 0.3 * 2:
            return
    raise Spoilt("The services do not come to rest.")


def drive(service: Running, scenario: Scenario, cast: Path, seconds: int) -> Figures:
    """Raises ``Spoilt`` when anything was refused or broke off."""
    command = [
        require_wrk(), "--threads=1", f"--connections={scenario.connections}", f"--duration={seconds}s",
        "--timeout=20s", f"--script={SCRIPT}", service.base, "--", str(cast), scenario.key,
    ]  # fmt: skip
    before, database_before = service.cpu_seconds(), service.database.cpu_seconds()
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    line = next((line for line in ended.stdout.splitlines() if line.startswith("RESULT ")), None)
    if ended.returncode or line is None:
        raise Spoilt(f"wrk failed: {ended.stdout}{ended.stderr}")
    found = json.loads(line.removeprefix("RESULT "))
    if found["failed"] or found["broken"] or not found["requests"]:
        raise Spoilt(
            f"{service.name}, {scenario.title}: {found['failed']} answers were errors and {found['broken']} broke"
            f" off, of {found['requests']}."
        )
    return Figures(
        rate=found["requests"] / found["microseconds"] * 1e6,
        cpu=(service.cpu_seconds() - before) / found["requests"] * 1000,
        database_cpu=(service.database.cpu_seconds() - database_before) / found["requests"] * 1000,
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
    )


def medians(figures: Sequence[Figures]) -> Figures:
    return Figures(*(median(getattr(one, name.name) for one in figures) for name in fields(Figures)))


def ratio(ours: Sequence[Figures], theirs: Sequence[Figures]) -> float:
    """How many times as many requests."""
    return ratio_of("rate", ours, theirs)


def ratio_of(name: str, ours: Sequence[Figures], theirs: Sequence[Figures]) -> float:
    """Of one of the figures; the median of the rounds' own ratios."""
    pairs = [(getattr(mine, name), getattr(other, name)) for mine, other in zip(ours, theirs, strict=True)]
    return float(median(mine / other for mine, other in pairs))
