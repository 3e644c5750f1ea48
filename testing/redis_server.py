"""A Redis server for tests: in memory, on a port of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from testing.service import free_port, stopping, wait_until

PROGRAM = "redis-server"
# Its clients', in place of the half second that requests have: a busy machine is no fault of the code's.
PATIENCE = "?socket_timeout=20&socket_connect_timeout=20"


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def running() -> Iterator[str]:
    """Yields a URL for clients with patience; the server is gone afterwards."""
    with stoppable() as server:
        yield server.url + PATIENCE


@contextmanager
def stoppable() -> Iterator[Running]:
    port = free_port()
    command = [PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with stopping(process):
        wait_until(lambda: _answers(port))
        yield Running(f"redis://127.0.0.1:{port}/0", process)


def _answers(port: int) -> bool:
    with redis.Redis(port=port) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
