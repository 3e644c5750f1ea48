"""The one starter of servers: programs as processes of their own, set and started as an operator would."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path
from typing import IO, Final

from testing.warm_starts import processes
from testing.warm_starts.processes import Process
from todo_project.env import values

ROOT: Final = values.BASE_DIR
KEY: Final = "only-for-tests-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
CHECK: Final = ("manage.py", "check")
MIGRATE: Final = ("manage.py", "migrate", "--verbosity=0")
GUNICORN: Final = ("-m", "gunicorn", "todo_project.wsgi")

# A None leaves a variable out that would be there otherwise.
Settings = Mapping[str, str | None]
Started = subprocess.Popen[bytes] | Process
DEFAULTS: Final = {
    "ENV_FILE": "",
    "SECRET_KEY": KEY,
    "DJANGO_SETTINGS_MODULE": "todo_project.settings",
    # A test's server does nothing that was not asked for.
    "PRUNE_AT": "",
    "DRAIN_SECONDS": "0",
}
# What whoever runs the tests may have set, and an operator would not.
UNUSUAL: Final = frozenset({"NO_COLOR", "DJANGO_COLORS", "PYTHONUNBUFFERED"})

# For a machine with much else to do: what is expected sooner says so itself.
START_SECONDS: Final = 60.0
RUN_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
# Below those that the kernel gives to outgoing connections, any of which could take the port meanwhile.
PORTS: Final = range(20_000, 32_000)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment without its settings; then ``DEFAULTS``, then ``settings``."""
    kept = {name: value for name, value in os.environ.items() if name not in values.names() | UNUSUAL}
    return {name: value for name, value in {**kept, **DEFAULTS, **settings}.items() if value is not None}


def copy_code(target: Path) -> Path:
    """The packages and the two programs: a checkout whose .env and files are a test's own."""
    target.mkdir(exist_ok=True)
    # Bytecode that another process is about to write has a name that is gone in the next moment.
    passing = shutil.ignore_patterns("*.pyc.*", "node_modules")
    for package in ROOT.glob("*/__init__.py"):
        shutil.copytree(package.parent, target / package.parent.name, ignore=passing)
    for program in ("manage.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / program, target)
    return target


def run(
    arguments: Sequence[str], settings: Settings, *, home: Path = ROOT, typed: bytes = b"", under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Python to its end, ``typed`` piped in; ``under`` is a program that runs it with fewer rights."""
    variables = environment(settings)
    if not under and (warm := processes.interpreter_for(arguments, variables)):
        done = warm.run(arguments, variables, home, typed=typed, seconds=RUN_SECONDS)
    else:
        done = subprocess.run(
            [*under, sys.executable, *arguments], cwd=home, env=variables, input=typed, capture_output=True,
            timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def output(arguments: Sequence[str], settings: Settings, *, home: Path = ROOT) -> str:
    """What it prints; it must succeed and not complain."""
    done = run(arguments, settings, home=home)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


class Server:
    """A running server, and the log it writes."""

    def __init__(self, process: Started, port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.log = log

    def send(
        self, path: str, body: bytes | None = None, *, method: str | None = None, **headers: str
    ) -> tuple[int, Message, bytes]:
        """A POST where there is a ``body``; ``Content_Type="x"`` becomes a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, body, named, method=method)  # noqa: S310 - our own http address
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def is_healthy(self) -> bool:
        try:
            return self.send("/health")[0] == 200
        # Refused, broken off, or too slow to answer yet: what urllib raises is always one of these.
        except OSError:
            return False


@contextmanager
def serving(log: Path, settings: Settings, *, home: Path = ROOT) -> Iterator[Server]:
    """gunicorn on a free port of loopback, until the block ends; migrating is the caller's."""
    port = int(settings.get("PORT") or free_port())
    variables = environment({"HOST": "127.0.0.1", **settings, "PORT": str(port)})
    with answering([sys.executable, *GUNICORN], port, log, variables, home=home) as server:
        yield server


@contextmanager
def answering(
    command: Sequence[str], port: int, log: Path, variables: Mapping[str, str], *, home: Path = ROOT
) -> Iterator[Server]:
    """Any HTTP server with a ``/health``, from its first answer there to the end of the block."""
    with log.open("wb") as written:
        process = _start(command, variables, home, written)
    server = Server(process, port, log)
    with stopping(process):
        wait_until(lambda: _is_alive(process, log) and server.is_healthy(), START_SECONDS)
        yield server


def _start(command: Sequence[str], variables: Mapping[str, str], home: Path, log: IO[bytes]) -> Started:
    if command[0] == sys.executable and (warm := processes.interpreter_for(command[1:], variables)):
        with Path(os.devnull).open("rb") as nothing:
            return warm.start(command[1:], variables, home, streams=(nothing, log, log))
    return subprocess.Popen(command, cwd=home, env=variables, stdout=log, stderr=log)


@contextmanager
def stopping(process: "Started | subprocess.Popen[str]") -> Iterator[None]:
    """Asks it to stop when the block ends, and waits until it has."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until(holds: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Asks again and again; ``seconds`` is when to give up, not what is expected."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"It did not come about in {seconds} s."
        time.sleep(0.02)


def free_port() -> int:
    """This process's until it ends: also while what listens there starts, is stopped, or is not to be there at all."""
    while True:
        # By chance, and not the seeded one: two runs beside each other seldom meet.
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            # As a server binds: what lingers of a closed connection is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            _claim(port)
            return port


def _claim(port: int) -> None:
    """Raises ``OSError`` where another process of a run has it: each holds the UDP port of the same number."""
    with socket.socket(type=socket.SOCK_DGRAM) as claim:
        claim.bind(("127.0.0.1", port))
        # Left open on purpose; the kernel closes it with the process.
        claim.detach()


def _is_alive(process: Started, log: Path) -> bool:
    assert process.poll() is None, f"It ended:\n{log.read_text()}"
    return True
