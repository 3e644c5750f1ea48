"""What a service holds while it works: its workers' threads, its connections to the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from bench.services import Running

EVERY_SECONDS: Final = 0.05
# Of the service's own database, where only it and this look.
QUERY: Final = """
    SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class Held:
    """The most that was seen at any time."""

    threads: int = 0
    connections: int = 0
    transaction_seconds: float = 0


@contextmanager
def watching(service: Running, url: str) -> Iterator[Held]:
    """Of one worker's threads, and of all workers' connections; complete when the block has ended."""
    held, is_over = Held(), threading.Event()
    with psycopg.connect(url, autocommit=True) as connection:
        thread = threading.Thread(target=_watch, args=(service, connection, held, is_over))
        thread.start()
        try:
            yield held
        finally:
            is_over.set()
            thread.join()


def _watch(service: Running, connection: psycopg.Connection, held: Held, is_over: threading.Event) -> None:
    while not is_over.wait(EVERY_SECONDS):
        row = connection.execute(QUERY).fetchone()
        connections, seconds = row or (0, 0.0)
        held.threads = max(held.threads, service.most_threads())
        held.connections = max(held.connections, connections)
        held.transaction_seconds = max(held.transaction_seconds, seconds)
