"""What a worker tells of itself once a second: what is not counted where it happens."""

import time
from typing import Final

from django.db import connection

from core.telemetry import metrics

EVERY_SECONDS: Final = 1.0
CONNECTIONS: Final = metrics.Gauge("todo_database_connections", "Of the pools, by what they do.", "state")
WAITING: Final = metrics.Gauge("todo_database_waiting", "Threads that wait for a connection of a pool.")
IN_PROGRESS: Final = metrics.Gauge("todo_http_requests_in_progress", "With a thread, or waiting for one.")


class Measuring:
    """Asked in each turn of the worker's loop; what that costs is one comparison."""

    def __init__(self) -> None:
        self._next = 0.0

    def measure_if_due(self, in_progress: int) -> None:
        if not metrics.are_on() or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        IN_PROGRESS.set(in_progress)
        if connection.vendor == "postgresql":
            _measure_pool()


def _measure_pool() -> None:
    pool = connection.pool  # type: ignore[attr-defined] # of our own backend
    if pool is None or pool.closed:
        return
    found = pool.get_stats()
    CONNECTIONS.set(found["pool_size"] - found["pool_available"], "in_use")
    CONNECTIONS.set(found["pool_available"], "idle")
    WAITING.set(found["requests_waiting"])
