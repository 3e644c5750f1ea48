"""A program of the project at a pipe or at a pseudo-terminal: ``manage.py`` as a person uses it."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Final

from testing.service import KEY, environment
from todo_project.env import values

SECONDS: Final = 30
UNUSUAL: Final = ("NO_COLOR", "DJANGO_COLORS", "PYTHONUNBUFFERED")


def manage(settings: Mapping[str, str], *arguments: str, typed: bytes = b"") -> subprocess.CompletedProcess[str]:
    """To its end, with ``typed`` from a pipe."""
    done = subprocess.run(
        _command(*arguments), input=typed, capture_output=True, timeout=SECONDS, check=False, cwd=values.BASE_DIR,
        env=_variables(settings),
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    def __init__(self, settings: Mapping[str, str], *arguments: str) -> None:
        self._master, slave = pty.openpty()
        # The leader of a session makes the first terminal that it opens its own: then Ctrl-C is a signal.
        shell = ["/bin/sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(slave), *_command(*arguments)]
        self._process = subprocess.Popen(shell, cwd=values.BASE_DIR, env=_variables(settings), start_new_session=True)
        self._slave = slave
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def read_until(self, wanted: str) -> str:
        """What was shown since the last call, up to and with ``wanted``."""
        deadline = time.monotonic() + SECONDS
        while wanted not in self.shown:
            assert select.select([self._master], [], [], deadline - time.monotonic())[0], self.shown
            self.shown += os.read(self._master, 65536).decode()
        read, _, self.shown = self.shown.partition(wanted)
        return read + wanted

    def wait(self) -> int:
        return self._process.wait(SECONDS)

    def rest(self) -> str:
        while select.select([self._master], [], [], 0.2)[0]:
            self.shown += os.read(self._master, 65536).decode()
        return self.shown

    def close(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        os.close(self._slave)
        os.close(self._master)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def _variables(settings: Mapping[str, str]) -> dict[str, str]:
    found = environment(ENV_FILE="", SECRET_KEY=KEY, **settings)
    # What whoever runs the tests may have set, and a person would not.
    return {name: value for name, value in found.items() if name not in UNUSUAL or name in settings}
