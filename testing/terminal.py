"""``manage.py`` at a pseudo-terminal, as a person uses it."""

import codecs
import os
import pty
import select
import signal
import subprocess
import sys
import time
from typing import Final

from testing.service import ROOT, Settings, environment

# When to give up, and not what is expected.
SECONDS: Final = 120


class Terminal:
    def __init__(self, settings: Settings, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        # The leader of a session makes the first terminal that it opens its own: then Ctrl-C is a signal.
        shell = [
            "/bin/sh",
            "-c",
            'exec "$@" <"$0" >"$0" 2>&1',
            os.ttyname(slave),
            sys.executable,
            "manage.py",
            *arguments,
        ]
        self._process = subprocess.Popen(
            shell,
            cwd=ROOT,
            env=environment(settings),
            start_new_session=True,
            # A suite that a shell started in the background was told to ignore it, and so would all it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self._slave = slave
        # What is read may end within a character.
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def read_until(self, wanted: str) -> str:
        """What was shown since the last call, up to and with ``wanted``."""
        deadline = time.monotonic() + SECONDS
        while wanted not in self.shown:
            assert select.select([self._master], [], [], deadline - time.monotonic())[0], self.shown
            self._read()
        read, _, self.shown = self.shown.partition(wanted)
        return read + wanted

    def wait(self) -> int:
        return self._process.wait(SECONDS)

    def rest(self) -> str:
        while select.select([self._master], [], [], 0.2)[0]:
            self._read()
        return self.shown

    def _read(self) -> None:
        self.shown += self._decoder.decode(os.read(self._master, 65536))

    def close(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        os.close(self._slave)
        os.close(self._master)
