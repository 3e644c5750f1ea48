"""One line a second, or a minute, of what every request meets, however many processes meet it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from core import logs
from core.logs import Ration
from testing.service import output

pytestmark = pytest.mark.once

RECORD = logging.LogRecord("x", logging.WARNING, __file__, 1, "away", None, None)


def test_of_many_threads_one_writes() -> None:
    ration = Ration(3600)

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: ration.filter(RECORD), range(200)))

    assert sum(passed) == 1


def test_the_next_is_written_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter([1000.0, 1000.0, 1000.75, 1001.0, 1001.75, 1002.25])
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    ration = Ration(1)

    assert [ration.filter(RECORD) for _ in range(6)] == [True, False, False, True, False, True]


def test_of_a_minute_s_the_next_is_written_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock begins with the machine, which may have just been started.
    instants = iter([5.0, 6.0, 64.0, 65.0, 66.0])
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    ration = Ration(60)

    assert [ration.filter(RECORD) for _ in range(5)] == [True, False, False, True, False]


FORKS = """
import logging, os
from core.logs import Ration

ration = Ration(3600)
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
