"""The real thing: gunicorn with the project's own configuration, on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``settings`` on top and no ``.env``."""
    return {**os.environ, "ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "todo_project.settings", **settings}


def manage(*arguments: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs ``manage.py``; output is captured."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def serve(log: Path, **settings: str) -> Iterator[int]:
    """Migrates, starts gunicorn and yields its port; what it prints goes to ``log``."""
    port = free_port()
    settings = {"HOST": "127.0.0.1", "PORT": str(port), **settings}
    migrated = manage("migrate", "--verbosity=0", settings=settings)
    assert migrated.returncode == 0, migrated.stderr
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "todo_project.wsgi"],
            cwd=ROOT,
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(port, process, log)
            yield port
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_until_healthy(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        # Refused, broken off, or too slow to answer yet: what urllib raises is always one of these.
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"gunicorn did not come up:\n{log.read_text()}")
