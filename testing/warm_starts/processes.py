"""Starts the service's programs as forks of a warm interpreter, which costs less than half of the processor's time.

Each is a process of its own, with its own settings, which loads all of the service's own code; exit codes, output and
signals are those of any other. What is started by a shell, an image or a terminal starts cold.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from testing.warm_starts.libraries import LIBRARIES

PROGRAMS: Final = ("-m", "manage.py")
INTERPRETER: Final = Path(__file__).with_name("interpreter.py")
# Which Python itself, or a library as it is loaded, reads: with others of these a program starts cold.
READ_BEFORE: Final = ("LC_", "LANG", "LD_", "MALLOC_", "OPENSSL_", "PSYCOPG_", "PYTHON", "SSL_", "TZ")


class Process:
    """As much of ``subprocess.Popen`` as is asked of a server."""

    def __init__(self, ending: socket.socket) -> None:
        self._ending = ending
        self.pid = int(ending.recv(32))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        try:
            return self._result(0)
        except BlockingIOError:
            return None

    def wait(self, timeout: float | None = None) -> int:
        try:
            return self._result(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _result(self, seconds: float | None) -> int:
        if self.returncode is None:
            self._ending.settimeout(seconds)
            self.returncode = int(self._ending.recv(32))
            self._ending.close()
        return self.returncode


class Interpreter:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._read_before = _read_before(variables)
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(INTERPRETER), str(theirs.fileno()), *LIBRARIES], env=variables,
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def takes(self, variables: Mapping[str, str]) -> bool:
        return _read_before(variables) == self._read_before

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str], home: Path, *, streams: Sequence[IO[bytes]]
    ) -> Process:
        """``streams``: input, output and errors."""
        order = json.dumps({"arguments": arguments, "variables": variables, "home": str(home)})
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            descriptors = [*(stream.fileno() for stream in streams), theirs.fileno()]
            socket.send_fds(self._channel, [order.encode()], descriptors)
        return Process(mine)

    def run(
        self, arguments: Sequence[str], variables: Mapping[str, str], home: Path, *, typed: bytes, seconds: float
    ) -> subprocess.CompletedProcess[bytes]:
        """As ``subprocess.run``, but what it says goes to files: nobody has to read it meanwhile."""
        with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as errors:
            given.write(typed)
            given.seek(0)
            process = self.start(arguments, variables, home, streams=(given, output, errors))
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(arguments, status, output.read(), errors.read())

    def close(self) -> None:
        self._channel.close()
        self._process.wait()


class _Starts:
    """Of this process: an interpreter from the first start on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interpreter: Interpreter | None = None
        self.are_on = False

    def interpreter(self, variables: Mapping[str, str]) -> Interpreter:
        with self._lock:
            if self._interpreter is None:
                self._interpreter = Interpreter(variables)
            return self._interpreter

    def end(self) -> None:
        self.are_on = False
        if self._interpreter:
            self._interpreter.close()
            self._interpreter = None


_starts: Final = _Starts()


@contextmanager
def on() -> Iterator[None]:
    """The interpreter goes with the block. Linux alone has what it needs."""
    _starts.are_on = hasattr(os, "pidfd_open")
    try:
        yield
    finally:
        _starts.end()


def interpreter_for(arguments: Sequence[str], variables: Mapping[str, str]) -> Interpreter | None:
    """None where it has to start cold."""
    if not _starts.are_on or arguments[0] not in PROGRAMS:
        return None
    found = _starts.interpreter(variables)
    return found if found.takes(variables) else None


def _read_before(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(READ_BEFORE)}
