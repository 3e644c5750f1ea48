"""People who all talk to a slow model at once, and come again as soon as they are let."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from bench.calls import Caller
from bench.cast import Person
from testing.model_answers import ModelAnswer, Request, says

TURN_SECONDS: Final = 5.0
# A load that runs beside has begun by then, and sees all of them come.
BEFORE_SECONDS: Final = 0.5


class SlowModel:
    """A script for ``ModelServer`` that counts the calls it has at once."""

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self.most_at_once = 0
        self._seconds = seconds
        self._at_once = 0
        self._lock = threading.Lock()

    def __call__(self, _request: Request) -> ModelAnswer:
        self._count(1)
        time.sleep(self._seconds)
        self._count(-1)
        return says("There is nothing to do.")

    def _count(self, change: int) -> None:
        with self._lock:
            self._at_once += change
            self.most_at_once = max(self.most_at_once, self._at_once)


@dataclass(slots=True)
class Counts:
    answered: int = 0
    # With 503 and a Retry-After.
    refused: int = 0
    others: list[int] = field(default_factory=list)


@contextmanager
def crowd(base: str, people: Sequence[Person], seconds: float) -> Iterator[Counts]:
    """For so long, beside the block; whose turn has begun waits for its end, and so does this."""
    counts, lock = Counts(), threading.Lock()
    begins = time.monotonic() + BEFORE_SECONDS
    with ThreadPoolExecutor(len(people)) as pool:
        talks = [pool.submit(_talk, base, person, begins, seconds, counts, lock) for person in people]
        yield counts
    for talk in talks:
        talk.result()


def _talk(base: str, person: Person, begins: float, seconds: float, counts: Counts, lock: threading.Lock) -> None:
    time.sleep(max(0, begins - time.monotonic()))
    with closing(Caller(base, *person)) as caller:
        while time.monotonic() < begins + seconds - BEFORE_SECONDS:
            status, retry_after = caller.attempt("What is there to do?")
            with lock:
                _note(counts, status, retry_after)
            time.sleep(float(retry_after or 0))


def _note(counts: Counts, status: int, retry_after: str | None) -> None:
    if status == 200:
        counts.answered += 1
    elif status == 503 and retry_after:
        counts.refused += 1
    else:
        counts.others.append(status)
