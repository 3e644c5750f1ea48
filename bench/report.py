"""The results as Markdown, which also reads well on a terminal: a chapter for each part that can be measured alone.

A chapter says itself when and on what it was measured, so one of another day stays true beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench import bars, load
from bench.bars import Bar, Results
from bench.services import SERVICE, WITHOUT_POLICIES

TASKS: Final = "Results of `make bench`: the tasks"
CHAT: Final = "Results of `make bench`: the assistant"
LIVE: Final = "Results of `make bench`: changes and live events"
CHAPTERS: Final = (TASKS, CHAT, LIVE)
ABOUT: Final = """\
Each service runs with two processes on the machine that also runs PostgreSQL and wrk, and is driven in
turn with the others, which idle; they are compared within a round, and the ratio is the median over the
rounds. *CPU* is what the service itself spends on a request, and PostgreSQL for it; it depends little
on what else the machine does. Single calls come over {connections} connections, the mixed load (60 %
lists of 50, 20 % reads, 10 % creates, 10 % toggles) over 100. There are {users} users with {tasks}
tasks each, and every request is another user's. All give the same document for the same row, which is checked first.

This service's processes keep to a core each, as is their default where there are as many; uvicorn and Bun
leave it to the kernel. Of the {connections} connections each process has what it was first to take: this service
sees to it that they are shared evenly (`todo_project/server/gathering.py`), uvicorn does not, and in a
round in which one of its processes has most of them the other idles.

PostgreSQL neither syncs nor vacuums here. A sync would add the same wait to each write of each service,
and so hide the difference that this is about; expect fewer writes per second on a real disk, from all.

*FastAPI* is async, with SQLModel, asyncpg, uvloop, httptools and orjson; it checks the token and looks
no session up, as is common. *Session look-up* adds what this service does on each request, a query by
owner and session. *Tuned* is without SQLModel's idioms (rows instead of entities, no transactions), and
keeps the connections it has opened; the other two have SQLAlchemy's own pool, five that are kept and ten
that are closed after use. *Litestar* 2 is on the same server, with asyncpg and msgspec and nothing
between. *Elysia* runs on Bun, with Bun's own PostgreSQL client and jose: of its single rows nothing is
promised, it is how far one could go. *Stock DRF* is ModelViewSet, ModelSerializer, simplejwt and
LimitOffsetPagination. All may have as many connections, and have the same index and access log. Each is
driven where something is promised against it or learnt from it.
"""
ABOUT_ITSELF: Final = """\
In the same rounds, the ratio of each pair being the median over the rounds. *Policies off* is this
service on a database whose row security was switched off after it was filled: what it saves is what
row security costs.
"""
HEADS: Final = ("requests/s", "CPU ms", "PostgreSQL ms", "p50 ms", "p95 ms", "p99 ms")
# Of the service beside itself.
COMPARED: Final = {"rate": "requests/s", "cpu": "CPU ms", "database_cpu": "PostgreSQL ms"}


def merge(old: str, chapters: Mapping[str, str]) -> str:
    """``old`` with these chapters in the place of its own, where it has them; the others stay to the letter."""
    kept = {heading: part for heading in CHAPTERS for part in _chapters(old) if part.startswith(f"# {heading}\n")}
    return "\n".join(found for heading in CHAPTERS if (found := chapters.get(heading) or kept.get(heading)))


def _chapters(text: str) -> Iterator[str]:
    for part in f"\n{text}".split("\n# ")[1:]:
        yield f"# {part.rstrip()}\n"


def of_tasks(results: Results, machine: Sequence[str], about: dict[str, int]) -> str:
    parts = [
        *head(TASKS, machine, ABOUT.format(**about), bars.judge(results)),
        "## The load", "", *_load(results.measured), "",
        "## Beside itself", "", ABOUT_ITSELF, *_itself(results), "",
        "## Growth", "", *_growth(results), "", "## One worker", "", *_worker(results),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def head(heading: str, machine: Sequence[str], about: str, met: Sequence[Bar]) -> list[str]:
    return [f"# {heading}", "", *[f"- {line}" for line in machine], "", about, "## The bars", "", *_bars(met), ""]


def _bars(met: Sequence[Bar]) -> Iterator[str]:
    yield from table(
        ["what", "found", "bar", ""],
        [[bar.what, bar.found, bar.wanted, "pass" if bar.is_met else "FAIL"] for bar in met],
    )


def _load(measured: load.Measured) -> Iterator[str]:
    rows = []
    for scenario in load.SCENARIOS:
        ours = measured[scenario.key][SERVICE]
        for name, figures in measured[scenario.key].items():
            rows.append([scenario.title, name, *cells(load.medians(figures)), ""])
            if name != SERVICE:
                rows[-1][-1] = f"{load.ratio(ours, figures):.2f}"
    yield from table(["", "service", *HEADS, "ours / theirs"], rows)


def cells(found: load.Figures) -> list[str]:
    """Under ``HEADS``."""
    times = (found.p50, found.p95, found.p99)
    return [f"{found.rate:.0f}", f"{found.cpu:.2f}", f"{found.database_cpu:.2f}", *(f"{time:.1f}" for time in times)]


def _itself(results: Results) -> Iterator[str]:
    """Each figure with the other's and their ratio."""
    rows = []
    for other in filter(None, (WITHOUT_POLICIES, results.earlier)):
        for scenario in load.SCENARIOS:
            measured = results.measured[scenario.key]
            if other in measured:
                pair = measured[SERVICE], measured[other]
                rows.append([scenario.title, other, *(_compared(name, *pair) for name in COMPARED)])
    yield from table(["", "against", *COMPARED.values()], rows)


def _compared(name: str, ours: Sequence[load.Figures], theirs: Sequence[load.Figures]) -> str:
    mine, other = (getattr(load.medians(figures), name) for figures in (ours, theirs))
    digits = 0 if mine >= 100 else 2
    return f"{mine:.{digits}f} : {other:.{digits}f} = {load.ratio_of(name, ours, theirs):.2f}"


def _growth(results: Results) -> Iterator[str]:
    smallest = results.growth[min(results.growth)]
    rows = []
    for count, pages in sorted(results.growth.items()):
        cells = [(f"{page:.2f}", f"{page / least:.2f}") for page, least in zip(pages, smallest, strict=True)]
        rows.append([f"{count:,}", *cells[0], *cells[1]])
    yield from table(["tasks of the user", "first page ms", "ratio", "middle page ms", "ratio"], rows)


def _worker(results: Results) -> Iterator[str]:
    check = results.session_check
    yield f"- Peak resident memory after the load: {results.worker_megabytes:.0f} MB"
    yield (
        f"- CPU of the session check on each request: {check['raw']:.0f} µs;"
        f" by the ORM it would take {check['orm']:.0f} µs"
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    for number, row in enumerate([heads, *rows]):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
