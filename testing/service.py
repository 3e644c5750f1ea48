"""The service as its own processes: a copy of the code, started as an operator would."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path
from typing import Any, Final

from todo_project.env import values

START_SECONDS: Final = 20
KEY: Final = "only-for-tests-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
CHECK: Final = ("manage.py", "check")
GUNICORN: Final = ("-m", "gunicorn", "todo_project.wsgi")


def copy_code(target: Path) -> Path:
    """The packages and the two programs: a checkout whose .env and files are a test's own."""
    target.mkdir(exist_ok=True)
    for package in values.BASE_DIR.glob("*/__init__.py"):
        shutil.copytree(package.parent, target / package.parent.name, ignore=shutil.ignore_patterns("__pycache__"))
    for program in ("manage.py", "gunicorn.conf.py"):
        shutil.copy(values.BASE_DIR / program, target)
    return target


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its settings, and with these."""
    kept = {name: value for name, value in os.environ.items() if name not in values.names() | {"ENV_FILE"}}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **settings}


def run(
    arguments: tuple[str, ...], home: Path, settings: Mapping[str, str], *, under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """To its end; ``under`` is a program that runs it with fewer rights."""
    command = [*under, sys.executable, *arguments]
    return subprocess.run(
        command, cwd=home, env=environment(**settings), timeout=START_SECONDS, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


class Server:
    """A running gunicorn, and the log it writes."""

    def __init__(self, process: subprocess.Popen[bytes], base: str, log: Path) -> None:
        self.process = process
        self.base = base
        self.log = log

    def send(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Message, bytes]:
        """A POST where there is a ``body``; ``Content_Type="x"`` becomes a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, body, named)  # noqa: S310 - our own http address
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


@contextmanager
def serving(home: Path, **settings: Any) -> Iterator[Server]:
    """gunicorn on a free port of loopback, until the block ends."""
    port = free_port()
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "SECRET_KEY": KEY, **settings}
    log = home / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *GUNICORN], cwd=home, env=environment(**settings), stdout=output, stderr=output
        )
    server = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        _wait_until_healthy(server)
        yield server
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log.read_text()
        with suppress(urllib.error.URLError, ConnectionError):
            if server.send("/health")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError(server.log.read_text())


ROOT: Final = Path(__file__).resolve().parent.parent
STOP_SECONDS: Final = 10.0


def checkout_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``settings`` on top and no ``.env``."""
    return {**os.environ, "ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "todo_project.settings", **settings}


def manage(*arguments: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs ``manage.py``; output is captured."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=checkout_environment(settings), capture_output=True, text=True, check=False, timeout=60
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
            env=checkout_environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for_health(port, process, log)
            yield port
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_for_health(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        # Refused, broken off, or too slow to answer yet: what urllib raises is always one of these.
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"gunicorn did not come up:\n{log.read_text()}")
