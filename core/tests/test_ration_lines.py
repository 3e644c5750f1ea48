"""One line a second, or a minute, of what every request meets, however many processes meet it."""

import fcntl
import logging
import threading
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


def test_while_another_process_writes_one_none_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    others, asked, own = [True], list[int](), threading.get_ident()

    def lockf(file: int, operation: int) -> None:
        # Other threads may write lines of their own.
        if threading.get_ident() == own:
            asked.append(operation)
            if others[0]:
                raise BlockingIOError

    monkeypatch.setattr(fcntl, "lockf", lockf)
    ration = Ration(3600)

    assert not ration.filter(RECORD)
    others[0] = False
    assert ration.filter(RECORD)
    take = fcntl.LOCK_EX | fcntl.LOCK_NB
    assert asked == [take, take, fcntl.LOCK_UN]


def test_one_that_starts_afresh_writes_again() -> None:
    ration = Ration(3600)
    assert [ration.filter(RECORD) for _ in range(2)] == [True, False]

    ration.forget()

    assert ration.filter(RECORD)


def test_what_a_driver_tells_in_several_lines_is_one() -> None:
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "away:\n  %s\n  again", ("gone",), None)

    Ration(1).filter(record)

    assert record.getMessage() == "away: gone again"


@pytest.mark.parametrize(("logger", "seconds"), [(logs.OUTAGE, 1), (logs.REPLICA, 60)])
def test_outages_are_told_once_a_second_and_the_replicas_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, logger: str, seconds: int
) -> None:
    instants = iter([1000.0, 1000.0 + seconds - 0.5, 1000.0 + seconds])
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    [ration] = logging.getLogger(logger).filters
    assert isinstance(ration, Ration)
    ration.forget()

    assert [ration.filter(RECORD) for _ in range(3)] == [True, False, True]
    ration.forget()
