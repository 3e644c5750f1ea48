"""What the figures were taken on: no names, no paths."""

import json
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psycopg

OWN: Final = ("django", "djangorestframework", "gunicorn", "psycopg", "orjson", "openai")
PEERS: Final = (
    "fastapi", "sqlmodel", "sqlalchemy", "litestar", "msgspec", "asyncpg", "uvicorn", "uvloop", "httptools",
)  # fmt: skip
PINS: Final = Path(__file__).parent / "requirements.txt"
PACKAGES: Final = Path(__file__).parent / "peers" / "elysia" / "package.json"


def describe(server_url: str) -> list[str]:
    with psycopg.connect(server_url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{len(os.sched_getaffinity(0))} cores ({_first('/proc/cpuinfo', 'model name')}),"
        f" {int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 1024**2:.0f} GB of memory,"
        f" load average before the run {os.getloadavg()[0]:.1f}",
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()},"
        f" PostgreSQL {row[0] if row else 'unknown'}",
        _versions((name, version(name)) for name in OWN),
    ]


def describe_peers() -> str:
    pins = dict(line.split(" ;")[0].split("==") for line in PINS.read_text().splitlines() if "==" in line)
    packages = json.loads(PACKAGES.read_text())["dependencies"]
    return f"peers: {_versions([*((name, pins[name]) for name in PEERS), *packages.items()])}"


def _versions(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in pairs)


def _first(path: str, key: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "unknown")
