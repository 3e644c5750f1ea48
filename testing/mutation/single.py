"""``python -m testing.mutation.single``: pytest with one module changed from its import on.

A program and not a plugin: pytest's settings and plugins import some of the modules before any other plugin.
"""

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from testing.mutation.jobs import SingleJob
from testing.mutation.mutants import changed_code

# The exit code where no test imports the module.
NOT_MET = 70


class Change:
    def __init__(self, job: SingleJob) -> None:
        self._job = job
        self._path = str(Path(job.path).resolve())
        self.is_met = False

    def install(self) -> None:
        get_code = SourceFileLoader.get_code

        def get_changed_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            if loader.path != self._path:
                return get_code(loader, fullname)
            self.is_met = True
            return changed_code(self._job.path, self._job.number, self._path)

        SourceFileLoader.get_code = get_changed_code  # type: ignore[method-assign, assignment] # no narrower seam

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        places = {nodeid: place for place, nodeid in enumerate(self._job.tests)}
        items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])


def main(arguments: list[str]) -> int:
    change = Change(SingleJob.read())
    change.install()
    status = pytest.main(arguments, plugins=[change])
    return status if change.is_met else NOT_MET


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
