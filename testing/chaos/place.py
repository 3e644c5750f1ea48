"""Where the faults happen: a PostgreSQL of our own, and the service as an operator runs it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from testing.chaos.table import Findings
from testing.postgres import Cluster
from testing.service import Server, serving

# What nobody here is to be stopped by.
GENEROUS: Final = {"API_RATE_LIMIT": "1000000/min", "AUTH_RATE_LIMIT": "100000/min", "WEB_CONCURRENCY": "2"}

Scenario = Callable[["Place"], list[Findings]]


@dataclass(frozen=True, slots=True)
class Place:
    cluster: Cluster
    home: Path

    @contextmanager
    def server(self, name: str, **settings: str) -> Iterator[Server]:
        with serving(self.home / f"{name}.log", {"DATABASE_URL": self.cluster.url, **GENEROUS, **settings}) as server:
            yield server

    @contextmanager
    def database(self) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
        """As its superuser, whom nothing stops."""
        with psycopg.connect(self.cluster.url_of("postgres"), autocommit=True) as connection:
            yield connection


def readiness(server: Server) -> tuple[int, str]:
    status, _, body = server.send("/health/ready")
    return status, json.loads(body)["status"]


def workers(server: Server) -> set[int]:
    master = server.process.pid
    return {int(child) for child in Path(f"/proc/{master}/task/{master}/children").read_text().split()}
