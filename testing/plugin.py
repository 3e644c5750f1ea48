"""Loaded by pytest before Django's settings: the suite sees none of the machine's own settings.

``TEST_DATABASE_URL`` chooses the database; without it the suite runs on SQLite in memory.
"""

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest

from todo_project.env import values

for name in values.names():
    os.environ.pop(name, None)
os.environ.update(
    ENV_FILE="",
    SECRET_KEY="a-secret-for-tests-that-is-long-enough-for-every-hmac-algorithm-there-is",
    # The test client's host.
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
    # None kept: the test database can be dropped at the end. Room for the tests' threads.
    DB_POOL_SIZE="0",
    DB_MAX_OVERFLOW="60",
    # A busy machine is no fault of the code's.
    DB_STATEMENT_TIMEOUT_MS="0",
    DB_LOCK_TIMEOUT_MS="0",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What collecting makes stays to the end: to look for garbage in it took a quarter of the time, and took it anew
    with each full look while the tests run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
