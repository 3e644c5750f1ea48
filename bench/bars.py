"""What the project promises of its speed, against what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench import load
from bench.services import DRF, FASTAPI, FASTAPI_SESSIONS, SERVICE

# At least so many times the requests per second.
RATIOS: Final[Mapping[tuple[str, str], float]] = {
    ("list_50", FASTAPI): 1.2,
    ("list_50", FASTAPI_SESSIONS): 1.5,
    ("list_1000", FASTAPI): 4,
    ("list_1000", DRF): 10,
    ("get", FASTAPI): 1.0,
    ("get", FASTAPI_SESSIONS): 1.2,
    ("create", FASTAPI): 1.0,
    ("toggle", FASTAPI): 1.2,
}
MIXED_P95_MILLISECONDS: Final = 200
GROWTH: Final = 1.2
WORKER_MEGABYTES: Final = 120


@dataclass(frozen=True, slots=True)
class Bar:
    what: str
    found: str
    wanted: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Results:
    measured: load.Measured
    # By number of tasks: milliseconds of the first page and of one in the middle.
    growth: Mapping[int, tuple[float, float]]
    worker_megabytes: float
    session_check: Mapping[str, float]
    # Fields of the contract that the service does not give.
    missing_fields: frozenset[str]


def judge(results: Results) -> list[Bar]:
    return [*_ratios(results.measured), *_latency(results.measured), *_growth(results), *_rest(results)]


def _ratios(measured: load.Measured) -> Iterator[Bar]:
    titles = {scenario.key: scenario.title for scenario in load.SCENARIOS}
    for (scenario, peer), least in RATIOS.items():
        found = load.ratio(measured[scenario][SERVICE], measured[scenario][peer])
        yield Bar(
            f"{titles[scenario]}, requests per second against {peer}",
            f"{found:.2f} x",
            f">= {least:.1f} x",
            found >= least,
        )


def _latency(measured: load.Measured) -> Iterator[Bar]:
    p95 = load.medians(measured["mixed"][SERVICE]).p95
    yield Bar(
        "mixed load of 100 connections, p95", f"{p95:.0f} ms", f"< {MIXED_P95_MILLISECONDS} ms",
        p95 < MIXED_P95_MILLISECONDS,
    )  # fmt: skip


def _growth(results: Results) -> Iterator[Bar]:
    smallest, *larger = sorted(results.growth)
    # Each size: a plan may turn bad in the middle and good again beyond.
    for count in larger:
        for place, page in enumerate(("first", "middle")):
            found = results.growth[count][place] / results.growth[smallest][place]
            what = f"{page} page of {count:,} tasks against {smallest:,}"
            yield Bar(what, f"{found:.2f} x", f"<= {GROWTH} x", found <= GROWTH)


def _rest(results: Results) -> Iterator[Bar]:
    found = results.worker_megabytes
    yield Bar("peak memory of a worker", f"{found:.0f} MB", f"< {WORKER_MEGABYTES} MB", found < WORKER_MEGABYTES)
    missing = ", ".join(sorted(results.missing_fields))
    yield Bar("fields of a task that are missing", missing or "none", "none", not missing)
