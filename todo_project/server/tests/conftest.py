from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.service import MIGRATE, output, serving


@pytest.fixture(scope="package")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edge") / "log"


@pytest.fixture(scope="package")
def port(log: Path) -> Iterator[int]:
    """One worker, whose eight threads a test can hold all."""
    database = f"sqlite:///{log.parent / 'db.sqlite3'}"
    settings = {"DATABASE_URL": database, "WEB_CONCURRENCY": "1", "API_RATE_LIMIT": "100000/min"}
    output(MIGRATE, settings)
    with serving(log, settings) as server:
        yield server.port
