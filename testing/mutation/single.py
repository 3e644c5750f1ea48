"""A pytest plugin: the suite with one module changed from its import on."""

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from testing.mutation.jobs import SingleJob
from testing.mutation.mutants import changed_code

job = SingleJob.read()
_path = str(Path(job.path).resolve())
_get_code = SourceFileLoader.get_code


def _get_changed_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
    if self.path == _path:
        return changed_code(job.path, job.number, _path)
    return _get_code(self, fullname)


SourceFileLoader.get_code = _get_changed_code  # type: ignore[method-assign, assignment] # no narrower seam


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {nodeid: place for place, nodeid in enumerate(job.tests)}
    items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])
