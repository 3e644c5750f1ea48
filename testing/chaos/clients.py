"""Slow, silent and deaf clients, a thousand of each kind."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from testing.chaos import slow
from testing.chaos.load import Client, Record, merged, reads, running, sign_up, writes
from testing.chaos.place import Place, workers
from testing.chaos.prober import probing
from testing.chaos.table import Findings
from testing.service import Server, wait_until

COUNT: Final = 1000
USUAL_SECONDS: Final = 3.0
BESIDE_SECONDS: Final = 4.0
# "Within twice its usual", of a machine whose usual p95 is a few milliseconds and has its hiccups.
HICCUP_SECONDS: Final = 0.02
PROMPT_SECONDS: Final = 0.2
HEAD_SECONDS: Final = 10
BODY_SECONDS: Final = 30


def run(place: Place) -> list[Findings]:
    with place.server("clients") as server:
        person = sign_up(server, "slow@example.com")
        # A list that no socket's buffer holds.
        task = {"op": "create", "data": {"title": "Long", "description": "x" * 1000}}
        for _ in range(4):
            assert person.ask("POST", f"{person.tasks}/bulk", {"operations": [task] * 100})[0] == HTTPStatus.OK
        usual = _beside(server, USUAL_SECONDS)[0].p95()
        arguments = (person.headers["Authorization"], person.tasks)
        return [
            _borne(server, usual, "silent", None, arguments),
            _borne(server, usual, "header byte by byte", HEAD_SECONDS, arguments),
            _borne(server, usual, "header, then silence", HEAD_SECONDS, arguments),
            # Whose end they would have to read to see.
            _borne(server, usual, slow.READERS, None, arguments),
            _borne(server, usual, "body in chunks", None, arguments),
            _borne(server, usual, "body, then silence", None, arguments),
            _borne(server, usual, "body byte by byte", BODY_SECONDS, arguments),
        ]


def _borne(server: Server, usual: float, kind: str, seconds: int | None, arguments: tuple[str, str]) -> Findings:
    """``seconds``: when the last of them is to be let go; None where that is not waited for."""
    found = Findings(f"{COUNT} clients: {kind}")
    ends: list[float | None] = []
    before = _megabytes(server)
    with _slow(server, kind, arguments) as process:
        # Where they all ask for something, that is work, and done first.
        wait_until(lambda: _is_prompt(server))
        others, health = _beside(server, BESIDE_SECONDS)
        grown = _megabytes(server) - before
        if seconds and process.stdout:
            ends = json.loads(process.stdout.readline())
    found.at_most("others' p95", others.p95(), 2 * usual + HICCUP_SECONDS)
    found.none("others' answers but 200 and 201", others.other_than(200, 201))
    found.at_most("the slowest /health", health.slowest(), 1)
    found.at_most("memory that all processes took for it", grown, 300, "MB")
    if seconds:
        found.none("of them borne without end", sum(end is None for end in ends))
        found.at_most("the last was let go after", max((end for end in ends if end), default=0), seconds + 3)
    return found


def _is_prompt(server: Server) -> bool:
    begun = time.monotonic()
    return server.send("/nope")[0] == HTTPStatus.NOT_FOUND and time.monotonic() - begun < PROMPT_SECONDS


def _megabytes(server: Server) -> float:
    """Of the master and its workers, without what they share."""
    total = 0
    for process in (server.process.pid, *workers(server)):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += sum(int(size) for size in re.findall(r"^Private_\w+: +(\d+) kB", rollup, re.MULTILINE))
    return total / 1024


@contextmanager
def _slow(server: Server, kind: str, arguments: tuple[str, str]) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "testing.chaos.slow", kind, str(server.port), str(COUNT), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def _beside(server: Server, seconds: float) -> tuple[Record, Record]:
    """What others get meanwhile, and what ``/health`` does."""
    person = sign_up(server, f"other{time.monotonic_ns()}@example.com")
    kinds = (reads(person), writes(person, "Beside"))
    others = [Client(server.port, person.headers, kind) for kind in kinds for _ in range(2)]
    with probing(server.port, "/health") as health, running(others):
        time.sleep(seconds)
    return merged(others), health
