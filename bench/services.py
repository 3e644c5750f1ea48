"""What is measured: each a command, started as its operators would, and watched from outside."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from testing.service import ROOT, Server, answering, environment, free_port

PEER_PYTHON: Final = Path(os.environ.get("BENCH_PEER_PYTHON", ROOT / ".venv-bench" / "bin" / "python"))
KEY: Final = "only-for-the-bench-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
WORKERS: Final = 2

SERVICE: Final = "this service"
FASTAPI: Final = "FastAPI"
FASTAPI_SESSIONS: Final = "FastAPI, session look-up"
FASTAPI_TUNED: Final = "FastAPI, tuned"
DRF: Final = "stock DRF"

UVICORN: Final = (
    "-m", "uvicorn", "bench.peers.fastapi_app:app", "--workers=2", "--loop=uvloop", "--http=httptools",
    "--host=127.0.0.1",
)  # fmt: skip
STOCK: Final = ("-m", "gunicorn", "bench.peers.stock.wsgi", "--config=bench/peers/stock/serving.py")


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    # A database of its own.
    database: str
    python: Path
    arguments: tuple[str, ...]
    # With {port} where the port goes.
    port_argument: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    def arguments_for(self, port: int) -> list[str]:
        return [argument.format(port=port) for argument in (*self.arguments, self.port_argument) if argument]


SERVICES: Final = (
    Service(SERVICE, "service", Path(sys.executable), ("-m", "gunicorn", "todo_project.wsgi")),
    Service(FASTAPI, "peer", PEER_PYTHON, UVICORN, "--port={port}"),
    Service(FASTAPI_SESSIONS, "peer_sessions", PEER_PYTHON, UVICORN, "--port={port}", {"PEER_SESSIONS": "1"}),
    Service(FASTAPI_TUNED, "peer_tuned", PEER_PYTHON, UVICORN, "--port={port}", {"PEER_TUNED": "1"}),
    Service(DRF, "peer_stock", PEER_PYTHON, STOCK, "--bind=127.0.0.1:{port}"),
)


def production(database_url: str, **settings: str) -> dict[str, str]:
    """The settings of this service in production, its limits out of the way."""
    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url,
        "API_RATE_LIMIT": "9999999/s",
        "AUTH_RATE_LIMIT": "9999999/s",
        "CHAT_RATE_LIMIT": "9999999/s",
        "LLM_DAILY_TOKENS": "1000000000",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "1440",
        "WEB_CONCURRENCY": str(WORKERS),
        **settings,
    }


class Running:
    def __init__(self, service: Service, server: Server) -> None:
        self.name = service.name
        self.base = server.base
        self.log = server.log
        self._process = server.process

    def cpu_seconds(self) -> float:
        """Used so far by its processes."""
        ticks = 0
        for pid in [self._process.pid, *self._workers()]:
            # After the name, which may hold anything: proc(5), fields 14 and 15.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self) -> float:
        """The most that one worker had in memory at any time, pages shared with its parent included."""
        return max(_status(pid, "VmHWM") for pid in self._workers()) / 1024

    def most_threads(self) -> int:
        """Of one worker, now."""
        return max(_status(pid, "Threads") for pid in self._workers())

    def _workers(self) -> list[int]:
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _status(pid: int, name: str) -> int:
    """A count, or kilobytes: proc_pid_status(5)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@contextmanager
def running(service: Service, database_url: str, logs: Path) -> Iterator[Running]:
    """On a free port of loopback until the block ends; what it prints goes to a file in ``logs``."""
    port = free_port()
    settings = production(database_url, HOST="127.0.0.1", PORT=str(port), **service.settings)
    command = [str(service.python), *service.arguments_for(port)]
    with answering(command, port, logs / f"{service.database}.log", environment(settings)) as server:
        yield Running(service, server)
