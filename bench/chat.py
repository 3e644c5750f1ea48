"""What the project promises of its assistant's speed, what was measured, and how that is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench import load, report, slow, turns
from bench.bars import Bar
from bench.crowd import TURN_SECONDS
from bench.services import WORKERS
from bench.watching import Held

TURN_P95_MILLISECONDS: Final = 30
BESIDE: Final = 2
TRANSACTION_SECONDS: Final = 1

ABOUT: Final = """\
The service runs with two processes on the machine that also runs PostgreSQL and wrk. There are {users} users
with {tasks} tasks each. PostgreSQL neither syncs nor vacuums here.

*Built-in turns* are `POST /chat` without a model, over one connection and over four; every turn is another
user's, and half of them go on with a conversation that grows all the time. Each kind is seen to do what it
should before it is measured.

*Slow turns* are of {turns} people at once with a model, a real server on loopback, that answers after
{seconds:.0f} s. Who is refused comes again when `Retry-After` says, who is answered at once, as long as the load
lasts: 40 % lists of 50, 40 % reads, 20 % toggles over {connections} connections, each of which pauses for 20 to
60 ms before its next request, so that the load by itself waits for nothing. It runs alone and beside them in turn,
after a first crowd in which each process loads the model's client.
"""


@dataclass(frozen=True, slots=True)
class Results:
    turns: turns.Measured
    slow: slow.Measured
    # Without a model.
    worker_megabytes: float


def judge(results: Results) -> list[Bar]:
    return [*_judge_turns(results.turns), *_judge_slow(results.slow)]


def _judge_turns(measured: turns.Measured) -> Iterator[Bar]:
    for connections, kinds in measured.items():
        found, title = max((load.medians(figures).p95, title) for title, figures in kinds.items())
        what = f"built-in turn, {connections} at once, p95 of the slowest kind ({title})"
        yield Bar(what, f"{found:.1f} ms", f"< {TURN_P95_MILLISECONDS} ms", found < TURN_P95_MILLISECONDS)


def _judge_slow(measured: slow.Measured) -> Iterator[Bar]:
    found = measured.ratio()
    what = f"task load beside {slow.TURNS} slow turns, p95 against alone"
    yield Bar(what, f"{found:.2f} x", f"<= {BESIDE} x", found <= BESIDE)
    seats = slow.SEATS * WORKERS
    most = measured.most_at_once
    yield Bar("turns in the model at once", str(most), f"<= {slow.SEATS} x {WORKERS} workers", most <= seats)
    others = sorted({status for counts in measured.turns for status in counts.others})
    what = "turns answered with anything but 200, or 503 and `Retry-After`"
    yield Bar(what, ", ".join(map(str, others)) or "none", "none", not others)
    longest = _most(measured.held_beside).transaction_seconds
    what = "longest transaction beside slow turns"
    yield Bar(what, f"{longest * 1000:.0f} ms", f"< {TRANSACTION_SECONDS} s", longest < TRANSACTION_SECONDS)


def chapter(results: Results, machine: Sequence[str], about: dict[str, int]) -> str:
    named = {**about, "turns": slow.TURNS, "seconds": TURN_SECONDS, "connections": slow.LOAD.connections}
    parts = [
        *report.head(report.CHAT, machine, ABOUT.format(**named), judge(results)),
        "## Built-in turns", "", *_turns(results.turns), "",
        "## Slow turns", "", *_slow(results.slow), "", *_counts(results),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _turns(measured: turns.Measured) -> Iterator[str]:
    rows = [
        [title, str(connections), *report.cells(load.medians(figures))]
        for connections, kinds in measured.items()
        for title, figures in kinds.items()
    ]
    yield from report.table(["turn", "at once", "turns/s", *report.HEADS[1:]], rows)


def _slow(measured: slow.Measured) -> Iterator[str]:
    rows = [
        [title, *report.cells(load.medians(figures)), str(held.threads), str(held.connections)]
        for title, figures, held in (
            ("alone", measured.alone, _most(measured.held_alone)),
            (f"beside {slow.TURNS} turns", measured.beside, _most(measured.held_beside)),
        )
    ]
    heads = ["task load", *report.HEADS, "threads of a worker", "database connections"]
    yield from report.table(heads, rows)


def _counts(results: Results) -> Iterator[str]:
    measured = results.slow
    answered = sum(counts.answered for counts in measured.turns)
    refused = sum(counts.refused for counts in measured.turns)
    yield f"- Turns, in {len(measured.turns)} rounds: {answered} answered, {refused} refused with 503 and `Retry-After`"
    yield f"- At most {measured.most_at_once} in the model at once, over {WORKERS} workers"
    yield (
        f"- Peak resident memory of a worker: {results.worker_megabytes:.0f} MB after the built-in turns,"
        f" {measured.worker_megabytes:.0f} MB with a model's client"
    )


def _most(held: Sequence[Held]) -> Held:
    return Held(
        max(one.threads for one in held),
        max(one.connections for one in held),
        max(one.transaction_seconds for one in held),
    )
