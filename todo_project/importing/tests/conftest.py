from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testing.databases import empty_database
from todo_project.importing.tests.backends import Backend

Make = Callable[[str], Backend]


@pytest.fixture
def make_backend(tmp_path: Path) -> Iterator[Make]:
    """On the database that the suite runs on, so on PostgreSQL too."""
    with empty_database(tmp_path) as url:
        yield lambda letter: Backend(letter, url)


@pytest.fixture
def make_file(tmp_path: Path) -> Make:
    return lambda letter: Backend(letter, f"sqlite:///{tmp_path / f'{letter}.sqlite3'}")
