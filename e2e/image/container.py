"""A container's process without an engine: namespaces, a root that nobody writes, no rights, and process 1."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from e2e.image.build import Image
from testing.service import Server, free_port

ENTER: Final = str(Path(__file__).with_name("enter.py"))
UNSHARE: Final = ("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--propagation", "private")
STOP_SECONDS: Final = 30
SETTINGS: Final = {"SECRET_KEY": "of-the-image-s-tests-alone-and-long-enough", "ALLOWED_HOSTS": "127.0.0.1"}


class Container:
    """What ``docker run`` makes of the image; ``stop`` and ``run`` are docker's ``stop`` and ``exec``."""

    def __init__(
        self, image: Image, log: Path, user: tuple[int, int], data: Path | None, settings: dict[str, str]
    ) -> None:
        self.port = free_port()
        self._log = log
        uid, gid = user
        # Not the image's own port and address: this network is the machine's.
        env = {**image.env, "HOME": "/", "HOST": "127.0.0.1", "PORT": str(self.port), **SETTINGS, **settings}
        self._spec = {
            "root": str(image.root), "data": str(data) if data else None, "directory": image.config["WorkingDir"],
            "uid": uid, "gid": gid, "env": env,
        }  # fmt: skip
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*UNSHARE, *self._enter("begin", image.config["Entrypoint"])], stdout=output, stderr=output
            )
        self.server = Server(self._process, self.port, log)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", f"--target={self._first()}", "--mount", "--pid", "--ipc", "--uts"]
        return subprocess.run(
            [*inside, *self._enter("join", command)], capture_output=True, text=True, timeout=60, check=False
        )

    def stop(self) -> int:
        """The exit code after a SIGTERM to process 1."""
        subprocess.run(["kill", "-TERM", self._first()], check=True)
        return self.ends()

    def ends(self) -> int:
        return self._process.wait(STOP_SECONDS)

    def is_up(self) -> bool:
        assert self._process.poll() is None, self.log
        return self.server.is_healthy()

    def _first(self) -> str:
        """Process 1, by the number that it has outside."""
        pid = self._process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]

    def _enter(self, manner: str, command: list[str]) -> list[str]:
        return [sys.executable, ENTER, manner, json.dumps(self._spec), *command]

    def kill(self) -> None:
        """Process 1, whose end is that of all; unshare(1) cannot see to it: a change of user undoes what it asks."""
        while self._process.poll() is None:
            with suppress(IndexError, OSError):
                os.kill(int(self._first()), signal.SIGKILL)
            time.sleep(0.02)


@contextmanager
def running(
    image: Image, log: Path, *, user: tuple[int, int], data: Path | None = None, **settings: Any
) -> Iterator[Container]:
    container = Container(image, log, user, data, settings)
    try:
        yield container
    finally:
        container.kill()
