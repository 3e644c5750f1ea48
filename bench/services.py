"""What is measured: each a command, started as its operators would, and watched from outside."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bench import processor
from bench.processor import DatabaseServer
from testing.service import ROOT, Server, answering, environment, free_port

PEER_PYTHON: Final = Path(os.environ.get("BENCH_PEER_PYTHON", ROOT / ".venv-bench" / "bin" / "python"))
ELYSIA_HOME: Final = ROOT / "bench" / "peers" / "elysia"
BUN: Final = Path(os.environ.get("BENCH_BUN", ELYSIA_HOME / "node_modules" / "@oven" / "bun-linux-x64" / "bin" / "bun"))
KEY: Final = "only-for-the-bench-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
WORKERS: Final = 2

SERVICE: Final = "this service"
WITHOUT_POLICIES: Final = "this service, policies off"
FASTAPI: Final = "FastAPI"
FASTAPI_SESSIONS: Final = "FastAPI, session look-up"
FASTAPI_TUNED: Final = "FastAPI, tuned"
FASTAPI_TUNED_SESSIONS: Final = "FastAPI, tuned, session look-up"
LITESTAR: Final = "Litestar, session look-up"
ELYSIA: Final = "Elysia on Bun, session look-up"
DRF: Final = "stock DRF"

OWN: Final = ("-m", "gunicorn", "todo_project.wsgi")
UVICORN: Final = ("-m", "uvicorn", "--workers=2", "--loop=uvloop", "--http=httptools", "--host=127.0.0.1")
FASTAPI_APP: Final = (*UVICORN, "bench.peers.fastapi_app:app")
LITESTAR_APP: Final = (*UVICORN, "bench.peers.litestar_app:app")
STOCK: Final = ("-m", "gunicorn", "bench.peers.stock.wsgi", "--config=bench/peers/stock/serving.py")


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    # A database of its own.
    database: str
    program: Path
    arguments: tuple[str, ...]
    # With {port} where the port goes; it is in the settings too.
    port_argument: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    # Where it is started.
    home: Path = ROOT

    def arguments_for(self, port: int) -> list[str]:
        return [argument.format(port=port) for argument in (*self.arguments, self.port_argument) if argument]


def _on_uvicorn(name: str, database: str, app: tuple[str, ...], **settings: str) -> Service:
    return Service(name, database, PEER_PYTHON, app, "--port={port}", settings)


THE_SERVICE: Final = Service(SERVICE, "service", Path(sys.executable), OWN)
THE_SERVICE_WITHOUT_POLICIES: Final = replace(THE_SERVICE, name=WITHOUT_POLICIES, database="service_without_policies")
PEERS: Final = (
    _on_uvicorn(FASTAPI, "peer", FASTAPI_APP),
    _on_uvicorn(FASTAPI_SESSIONS, "peer_sessions", FASTAPI_APP, PEER_SESSIONS="1"),
    _on_uvicorn(FASTAPI_TUNED, "peer_tuned", FASTAPI_APP, PEER_TUNED="1"),
    _on_uvicorn(FASTAPI_TUNED_SESSIONS, "peer_tuned_sessions", FASTAPI_APP, PEER_TUNED="1", PEER_SESSIONS="1"),
    _on_uvicorn(LITESTAR, "peer_litestar", LITESTAR_APP),
    Service(ELYSIA, "peer_elysia", BUN, (str(ELYSIA_HOME / "app.ts"),)),
    Service(DRF, "peer_stock", PEER_PYTHON, STOCK, "--bind=127.0.0.1:{port}"),
)


def installed_peers() -> list[Service]:
    """All, or all but the one on Bun, and then it says so."""
    if BUN.exists():
        return list(PEERS)
    print(f"Bun is not installed, so {ELYSIA} is not measured and its bar missed: `npm ci` in bench/peers/elysia.")
    return [peer for peer in PEERS if peer.name != ELYSIA]


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
    def __init__(self, service: Service, server: Server, database: DatabaseServer) -> None:
        self.name = service.name
        self.base = server.base
        self.log = server.log
        self.database = database
        self._process = server.process

    def cpu_seconds(self) -> float:
        """Used so far by its processes."""
        return sum(map(processor.seconds, [self._process.pid, *self._workers()]))

    def peak_megabytes(self) -> float:
        """The most that one worker had in memory at any time, pages shared with its parent included."""
        return max(processor.status(pid, "VmHWM") for pid in self._workers()) / 1024

    def private_megabytes(self) -> float:
        """Of all workers, now, without what they share."""
        return sum(map(processor.private_kilobytes, self._workers())) / 1024

    def most_threads(self) -> int:
        """Of one worker, now."""
        return max(processor.status(pid, "Threads") for pid in self._workers())

    def _workers(self) -> list[int]:
        return processor.children(self._process.pid)


@contextmanager
def running(service: Service, database_url: str, logs: Path) -> Iterator[Running]:
    """On a free port of loopback until the block ends; what it prints goes to a file in ``logs``."""
    port = free_port()
    settings = production(database_url, HOST="127.0.0.1", PORT=str(port), **service.settings)
    command = [str(service.program), *service.arguments_for(port)]
    log = logs / f"{service.database}.log"
    with answering(command, port, log, environment(settings), home=service.home) as server:
        yield Running(service, server, DatabaseServer(database_url))
