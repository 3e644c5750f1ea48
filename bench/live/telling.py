"""What is promised of following one's tasks, against what was measured, and how that is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench import load, report
from bench.bars import Bar
from bench.live.measuring import CHANGES, STREAMS, TOLD, Results

MEGABYTES: Final = 200
VISIBLE_MILLISECONDS: Final = 1500
AT_ONCE_MILLISECONDS: Final = 200
BESIDE: Final = 1.1
GROWTH: Final = 1.2
ABOUT: Final = """\
The service runs with two processes on the machine that also runs PostgreSQL and wrk. *Changes* are {changes} of
each owner's newest tasks, read in one call as `GET /changes` tells them; the owners in turn, the median. *Streams*
are {streams} that listen to `/events`, {each} of each of {people} users. What they take is the private memory of both
processes, before and after. A change is made by an ordinary request, and is visible when the last of its owner's
streams has it, whichever process made it; the 95th percentile of {told} changes.
"""


def judge(results: Results) -> list[Bar]:
    return [*_judge_changes(results.changes), *_judge_streams(results)]


def _judge_changes(changes: Mapping[int, float]) -> Iterator[Bar]:
    smallest, *larger = sorted(changes)
    for count in larger:
        found = changes[count] / changes[smallest]
        what = f"{CHANGES:,} changes of an owner of {count:,} tasks against {smallest:,}"
        yield Bar(what, f"{found:.2f} x", f"<= {GROWTH} x", found <= GROWTH)


def _judge_streams(results: Results) -> Iterator[Bar]:
    megabytes, ratio = results.megabytes, results.ratio()
    yield Bar(f"memory of {STREAMS:,} streams", f"{megabytes:.0f} MB", f"< {MEGABYTES} MB", megabytes < MEGABYTES)
    yield Bar("lists of 50 beside them, p95 against alone", f"{ratio:.2f} x", f"<= {BESIDE} x", ratio <= BESIDE)
    yield _visible(
        "a change is visible to all of its owner's streams after, p95", results.visible, VISIBLE_MILLISECONDS
    )
    yield _visible("the same with Redis", results.at_once, AT_ONCE_MILLISECONDS)


def _visible(what: str, found: float | None, most: float) -> Bar:
    if found is None:
        return Bar(what, "not measured", f"< {most} ms", is_met=False)
    return Bar(what, f"{found:.0f} ms", f"< {most} ms", found < most)


def chapter(results: Results, machine: Sequence[str], people: int) -> str:
    about = ABOUT.format(changes=CHANGES, streams=STREAMS, each=STREAMS // people, people=people, told=TOLD)
    rows = [[f"{count:,}", f"{milliseconds:.1f}"] for count, milliseconds in sorted(results.changes.items())]
    lists = [["alone", *report.cells(load.medians(results.alone))],
             [f"beside {STREAMS:,} streams", *report.cells(load.medians(results.beside))]]  # fmt: skip
    parts = [
        *report.head(report.LIVE, machine, about, judge(results)),
        "## Changes", "", *report.table(["tasks of the owner", "ms"], rows), "",
        "## Lists of 50", "", *report.table(["", *report.HEADS], lists),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"
