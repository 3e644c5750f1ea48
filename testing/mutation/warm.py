"""A pytest plugin: records the tests, then forks a child for each mutant.

A child has Django, the collected tests and the test database from its parent, so it costs a few
hundredths of a second before its first test. What the parent has already computed with the good code
would hide a change: a survivor, and a change at a module's top level, is run again in a new process.
A child has none of its parent's threads, such as the mail server's: what fails for that in a child without any change
is left to the new process.
"""

import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from testing.mutation.areas import FIXTURES_OF_PROCESSES
from testing.mutation.jobs import OPTIONS, VARIABLE, Job, Outcome, SingleJob
from testing.mutation.mutants import Mutant, changed_code
from testing.mutation.recording import Recorder, Recording
from testing.mutation.single import NOT_MET

# By file, qualified name and first line.
Functions = dict[tuple[str, str, int], list[FunctionType]]

# The exit code of a child that could not take the change in.
CANNOT_SWAP = 3
# Of the processor.
SECONDS_TO_START = 60
TIMES_AS_LONG = 10
# Of the clock, for one of those: a busy machine gives a run with the least priority little.
SECONDS_TO_WAIT = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not FIXTURES_OF_PROCESSES & set(getattr(item, "fixturenames", ()))]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    job = Job.read()
    recorder = Recorder()
    recording = recorder.record(session, job.paths)
    for test in sorted(recorder.failed):
        job.leave_out(test)
    children = Children(session, _functions())
    for mutant in job.mutants:
        job.report(mutant, _outcome(mutant, recording, children))
    return True


def _outcome(mutant: Mutant, recording: Recording, children: "Children") -> Outcome:
    tests = recording.tests_for(mutant)
    if not tests:
        return Outcome.UNREACHED
    seconds = SECONDS_TO_START + round(TIMES_AS_LONG * sum(recording.seconds[test] for test in tests))
    if mutant.is_in_function:
        outcome = children.outcome(mutant, tests, seconds)
        if outcome is not None:
            return outcome
    return _in_new_process(mutant, tests, seconds)


def _functions() -> Functions:
    # ``testing.plugin`` has frozen what was there when pytest had collected: it would not be among the objects.
    gc.unfreeze()
    found = defaultdict(list)
    for each in gc.get_objects():
        # Not isinstance: it would wake Django's lazy objects.
        if type(each) is FunctionType:
            found[_key(each.__code__)].append(each)
    return found


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


class Children:
    def __init__(self, session: pytest.Session, functions: Functions) -> None:
        self._session = session
        self._items = {item.nodeid: item for item in session.items}
        self._functions = functions
        # Of the tests that have failed in one: whether they hold in one without any change.
        self._holds: dict[str, bool] = {}

    def outcome(self, mutant: Mutant, tests: list[str], seconds: int) -> Outcome | None:
        """None where only a new process can tell."""
        while True:
            held = [test for test in tests if self._holds.get(test, True)]
            code, failed = self._run(held, seconds, mutant)
            if code in {-signal.SIGPROF, -signal.SIGALRM}:
                return Outcome.TIMED_OUT
            if code in {0, CANNOT_SWAP}:
                return None
            if not failed or self._does_hold(failed, seconds):
                return Outcome.KILLED

    def _does_hold(self, test: str, seconds: int) -> bool:
        if test not in self._holds:
            self._holds[test] = self._run([test], seconds)[0] == 0
        return self._holds[test]

    def _run(self, tests: list[str], seconds: int, mutant: Mutant | None = None) -> tuple[int, str]:
        """The exit code, and which test failed."""
        with tempfile.NamedTemporaryFile("r") as told:
            child = os.fork()
            if child == 0:
                self._be_child(tests, seconds, mutant, Path(told.name))
            _, status = os.waitpid(child, 0)
            return os.waitstatus_to_exitcode(status), told.read()

    def _be_child(self, tests: list[str], seconds: int, mutant: Mutant | None, told: Path) -> None:
        """Never returns: the child must not go on with its parent's loop, whatever a mutant does."""
        status = CANNOT_SWAP
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            signal.alarm(SECONDS_TO_WAIT * seconds)
            if mutant:
                # Refused where a function no longer closes over the same names.
                code = changed_code(mutant.path, mutant.number, str(Path(mutant.path).resolve()))
                _swap(code, self._functions)
            status = 1
            failed = next((test for test in tests if not _passes(self._session, self._items[test])), None)
            told.write_text(failed or "")
            status = 1 if failed else 0
        finally:
            os._exit(status)


def _swap(module: CodeType, functions: Functions) -> None:
    for code in _codes_in(module):
        for function in functions.get(_key(code), ()):
            if function.__code__ != code:
                function.__code__ = code


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _passes(session: pytest.Session, item: pytest.Item) -> bool:
    before = session.testsfailed
    session.config.hook.pytest_runtest_protocol(item=item, nextitem=session)
    return session.testsfailed == before


def _in_new_process(mutant: Mutant, tests: list[str], seconds: int) -> Outcome:
    with tempfile.TemporaryDirectory() as directory:
        job = Path(directory, "job.json")
        SingleJob(mutant.path, mutant.number, tests).write(job)
        files = sorted({test.partition("::")[0] for test in tests})
        command = [sys.executable, "-m", "testing.mutation.single", "-x", *OPTIONS, *files]
        try:
            environment, timeout = {**os.environ, VARIABLE: str(job)}, SECONDS_TO_WAIT * seconds
            done = subprocess.run(command, env=environment, timeout=timeout, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            return Outcome.TIMED_OUT
    if done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise RuntimeError(f"None of the tests of {mutant} was found again")
    if done.returncode == NOT_MET:
        return Outcome.UNREACHED
    return Outcome.KILLED if done.returncode else Outcome.SURVIVED
