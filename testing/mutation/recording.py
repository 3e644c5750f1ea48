"""Which tests run which lines, and how long each takes: recorded once an area."""

import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from testing.mutation.mutants import Mutant

# Of the processor, for the tests of one change. What they let pass counts as not noticed, so a bound can only lower the
# score; without one a line that every request runs would wait for every test, twice. A change at a module's top level,
# or in what ran once for all tests, may concern every test that enters the module: first those that run a line which
# names what is changed.
SECONDS = 10


@dataclass
class Recording:
    seconds: dict[str, float]
    # By path, by line.
    tests: dict[str, dict[int, list[str]]]

    def tests_for(self, mutant: Mutant) -> list[str]:
        """The quickest of each file first, and for each file as long as for another: what one leaves open another may
        be about, and who is about nothing else is quick.
        """
        by_line = self.tests.get(mutant.path, {})
        first, last = mutant.lines
        running = {test for line in range(first, last + 1) for test in by_line.get(line, ())}
        # What none of them runs may have run before the first, when modules were imported.
        if running and mutant.is_in_function and not mutant.is_remembered:
            return self._within(self._in_turn(running))
        entering = {test for tests in by_line.values() for test in tests}
        naming = self._naming(mutant.name)
        rest = self._in_turn((entering or set(self.seconds)) - naming)
        return self._within([*self._in_turn(naming), *rest])

    def _naming(self, name: str) -> set[str]:
        """Those that run a line with this name in it, anywhere in the area."""
        word = re.compile(rf"\b{name}\b")
        return {
            test
            for path, tests in self.tests.items()
            for line, text in enumerate(Path(path).read_text().splitlines(), 1)
            if name and word.search(text)
            for test in tests.get(line, ())
        }

    def _in_turn(self, tests: set[str]) -> list[str]:
        spent: defaultdict[str, float] = defaultdict(float)
        turns: dict[str, float] = {}
        for test in sorted(tests & self.seconds.keys(), key=lambda test: (self.seconds[test], test)):
            file = test.partition("::")[0]
            spent[file] += self.seconds[test]
            turns[test] = spent[file]
        return sorted(turns, key=turns.__getitem__)

    def _within(self, tests: list[str]) -> list[str]:
        spent = 0.0
        chosen: list[str] = []
        for test in tests:
            spent += self.seconds[test]
            if chosen and spent > SECONDS:
                break
            chosen.append(test)
        return chosen


class Recorder:
    """Runs every test once. What fails without any change is left out, and named."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.skipped:
            self.skipped.add(report.nodeid)

    def record(self, session: pytest.Session, paths: list[str]) -> Recording:
        watch = coverage.Coverage(data_file=None, config_file=False, include=paths)
        seconds: dict[str, float] = {}
        session.config.pluginmanager.register(self)
        watch.start()
        for item in session.items:
            watch.switch_context(item.nodeid)
            # Of the processor: how long a test takes on a busy machine says little.
            started = time.process_time()
            # The session stands as what comes next: what belongs to it stays set up for the mutants.
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=session)
            seconds[item.nodeid] = time.process_time() - started
        watch.stop()
        session.config.pluginmanager.unregister(self)
        good = {test: taken for test, taken in seconds.items() if test not in self.failed | self.skipped}
        recorded = watch.get_data()
        return Recording(good, {path: recorded.contexts_by_lineno(str(Path(path).resolve())) for path in paths})
