"""A streaming replica of a cluster: a base backup that follows, with a server of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from testing.postgres import Cluster
from testing.service import wait_until

COPY_SECONDS: Final = 60.0
FLUSH: Final = "SELECT set_config('synchronous_commit', 'on', false), pg_logical_emit_message(true, 'tests', '')"


class Replica(Cluster):
    """Of ``primary``, which goes on."""

    def __init__(self, binaries: Path, home: Path, primary: Cluster) -> None:
        super().__init__(binaries, home)
        self._primary = primary
        self.password = primary.password

    def create(self) -> None:
        if self._owner:
            shutil.chown(self._home, self._owner)
        subprocess.run(
            [
                self._binaries / "pg_basebackup", f"--dbname={self._primary.url_of('postgres')}", "--checkpoint=fast",
                "--wal-method=stream", "--write-recovery-conf", "--no-sync", f"--pgdata={self._home / 'data'}",
            ],
            user=self._owner, cwd=self._home, env={**os.environ, "HOME": str(self._home)}, check=True,
            timeout=COPY_SECONDS,
        )  # fmt: skip

    def catch_up(self) -> None:
        """Waits until it has all that has been committed until now."""
        # Commits are not flushed one by one here, and nobody is sent what is not; this one is, with all before it.
        ask(self._primary, FLUSH)
        written = ask(self._primary, "SELECT pg_current_wal_flush_lsn()")
        wait_until(lambda: ask(self, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It takes what the primary sends, and shows nothing of it."""
        self.catch_up()
        ask(self, "SELECT pg_wal_replay_pause()")
        # It stops after the record that it is at.
        wait_until(lambda: ask(self, "SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            ask(self, "SELECT pg_wal_replay_resume()")


@contextmanager
def replica_of(primary: Cluster, binaries: Path) -> Iterator[Replica]:
    with tempfile.TemporaryDirectory(prefix="todo-replica-") as root:
        made = Replica(binaries, Path(root), primary)
        made.create()
        made.start()
        try:
            yield made
        finally:
            made.stop(mode="immediate")


def ask(cluster: Cluster, query: LiteralString, *values: str) -> Any:
    """The only value of its only row, or None."""
    with psycopg.connect(cluster.url_of("postgres"), autocommit=True) as server:
        found = server.execute(query, values)
        row = found.fetchone() if found.description else None
        return row and row[0]
