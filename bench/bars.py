"""What the project promises of its speed, against what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench import load
from bench.services import DRF, ELYSIA, FASTAPI, FASTAPI_SESSIONS, FASTAPI_TUNED, FASTAPI_TUNED_SESSIONS, SERVICE

# At least so many times the requests per second.
RATIOS: Final[Mapping[tuple[str, str], float]] = {
    ("list_50", FASTAPI): 1.2,
    ("list_50", FASTAPI_SESSIONS): 1.8,
    ("list_1000", FASTAPI): 4,
    ("list_1000", FASTAPI_TUNED): 2.5,
    ("list_1000", ELYSIA): 1.0,
    ("list_1000", DRF): 10,
    ("get", FASTAPI): 1.0,
    ("get", FASTAPI_SESSIONS): 1.2,
    ("get", FASTAPI_TUNED_SESSIONS): 1.15,
    ("toggle", FASTAPI): 1.2,
    ("toggle", FASTAPI_TUNED_SESSIONS): 1.15,
    ("create", FASTAPI): 1.0,
    ("create", FASTAPI_TUNED_SESSIONS): 1.15,
}
MIXED_P95_MILLISECONDS: Final = 200
# Of theirs.
MIXED_P95: Final[Mapping[str, float]] = {FASTAPI_SESSIONS: 0.6}
# What a call may take of the processor, of what it took at an earlier commit.
EARLIER: Final = 1.03
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
    # The name of the service of an earlier commit, where there is one.
    earlier: str = ""


def judge(results: Results) -> list[Bar]:
    return [
        *_ratios(results.measured), *_latency(results.measured), *_against_earlier(results),
        *_growth(results), *_rest(results),
    ]  # fmt: skip


def _ratios(measured: load.Measured) -> Iterator[Bar]:
    for scenario in load.SCENARIOS:
        for peer, least in ((peer, least) for (key, peer), least in RATIOS.items() if key == scenario.key):
            what, wanted = f"{scenario.title}, requests per second against {peer}", f">= {least:g} x"
            if peer not in measured[scenario.key]:
                yield Bar(what, "not measured", wanted, is_met=False)
                continue
            found = load.ratio(measured[scenario.key][SERVICE], measured[scenario.key][peer])
            yield Bar(what, f"{found:.2f} x", wanted, found >= least)


def _latency(measured: load.Measured) -> Iterator[Bar]:
    mixed = measured["mixed"]
    p95 = load.medians(mixed[SERVICE]).p95
    what, wanted = "mixed load of 100 connections, p95", f"< {MIXED_P95_MILLISECONDS} ms"
    yield Bar(what, f"{p95:.0f} ms", wanted, p95 < MIXED_P95_MILLISECONDS)
    for peer, most in MIXED_P95.items():
        found = load.ratio_of("p95", mixed[SERVICE], mixed[peer])
        yield Bar(f"{what} against {peer}", f"{found:.2f} x", f"<= {most:g} x", found <= most)


def _against_earlier(results: Results) -> Iterator[Bar]:
    for scenario in load.SCENARIOS if results.earlier else ():
        measured = results.measured[scenario.key]
        found = load.ratio_of("cpu", measured[SERVICE], measured[results.earlier])
        yield Bar(
            f"{scenario.title}, CPU against {results.earlier}", f"{found:.2f} x", f"<= {EARLIER} x", found <= EARLIER
        )


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
