"""How what the service leans on is, for the staff site's first page. Together over in two seconds, whatever hangs."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from accounts.tokens import key_parsing
from assistant.providers import choosing
from core.sql import deadline
from todo_project import readiness

# For all that is outside together; ``readiness`` bounds the others.
SECONDS: Final = 1.5
# Before somebody outside is asked again by this process, however often the page is opened.
KEPT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    state: str
    milliseconds: float


class Outside:
    """Asked by one thread, which nobody waits for any longer than they want."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._asked_at = 0.0
        self._answer: Future[float] | None = None

    def begin(self) -> "Future[float]":
        """How many milliseconds it took to answer, or what went wrong."""
        with self._lock:
            is_old = time.monotonic() >= self._asked_at + KEPT_SECONDS
            if self._answer is None or (self._answer.done() and is_old):
                self._asked_at = time.monotonic()
                self._answer = self._executor.submit(self._measured)
            return self._answer

    def _measured(self) -> float:
        begun = time.perf_counter()
        self._ask()
        return round(1000 * (time.perf_counter() - begun), 1)


_outside: Final[dict[object, Outside]] = {}


def look() -> Sequence[Part]:
    asked = {"keys of the issuer": _ask_issuer(), "model": _ask_model()}
    # From here on: once in a process the model's SDK has been imported by now.
    until = time.monotonic() + SECONDS
    report = readiness.Report()
    with deadline.within(readiness.DATABASE_SECONDS):
        readiness.note(report, "database", readiness.IN_DATABASE["database"])
    readiness.note(report, "cache", readiness.ELSEWHERE["cache"])
    for name, answer in asked.items():
        readiness.note(report, name, _awaited(answer, until))
        if answer and report.checks[name] == readiness.OK:
            report.milliseconds[name] = answer.result()
    return [Part(name, state, report.milliseconds[name]) for name, state in report.checks.items()]


def _awaited(answer: "Future[float] | None", until: float) -> Callable[[], str]:
    def state() -> str:
        if answer is None:
            return readiness.OFF
        answer.result(timeout=max(0.0, until - time.monotonic()))
        return readiness.OK

    return state


def _ask_issuer() -> "Future[float] | None":
    url = settings.JWKS_URL
    return _begin(url, lambda: _fetch_keys(url)) if url else None


def _fetch_keys(url: str) -> None:
    if not key_parsing.read_keys(key_parsing.fetch(url)):
        raise ValueError("No key of it can be used")


def _ask_model() -> "Future[float] | None":
    provider = choosing.configured()
    return _begin(provider, lambda: provider.look(SECONDS)) if provider else None


def _begin(key: object, ask: Callable[[], object]) -> "Future[float]":
    return (_outside.get(key) or _outside.setdefault(key, Outside(ask))).begin()
