"""One line a second of what every request meets, however many processes meet it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from core import logs
from core.logs import OnceASecond
from testing.service import output

pytestmark = pytest.mark.once

RECORD = logging.LogRecord("x", logging.WARNING, __file__, 1, "away", None, None)


def test_of_many_threads_one_writes() -> None:
    ration = OnceASecond()

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: ration.filter(RECORD), range(200)))

    assert sum(passed) == 1


def test_the_next_is_written_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter([1000.0, 1000.0, 1000.75, 1001.0, 1001.75, 1002.25])
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    ration = OnceASecond()

    assert [ration.filter(RECORD) for _ in range(6)] == [True, False, False, True, False, True]


FORKS = """
import logging, os
from core.logs import OnceASecond

ration = OnceASecond()
record = logging.LogRecord("x", logging.WARNING, "", 1, "away", None, None)
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        os._exit(sum(ration.filter(record) for _ in range(200)))
    children.append(child)
print(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def test_of_several_processes_one_writes() -> None:
    # Beside other threads, such as a test run has, nobody should fork.
    assert output(("-c", FORKS), {}) == "1\n"
