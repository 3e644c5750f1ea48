"""A PostgreSQL cluster for one run: made in a temporary directory, removed afterwards.

python -m testing.postgres COMMAND ...     runs COMMAND with DATABASE_URL set
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import psycopg
from psycopg import sql

from testing.service import free_port

SERVER_SETTINGS = {
    # Nothing here outlives the run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # What is known of tables, and with it how they are read, is not to hang on when it last came by.
    "autovacuum": "off",
    "max_connections": "300",
    "listen_addresses": "127.0.0.1",
}


def find_binaries() -> Path | None:
    """The directory of ``initdb`` and ``pg_ctl``; the newest version where Debian has several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parent.parent.name), default=None)
    return newest.parent if newest else None


class Cluster:
    """A running server that a test may stop and start again."""

    def __init__(
        self, binaries: Path, home: Path, settings: Mapping[str, str] = MappingProxyType({}), *,
        authentication: str = "scram-sha-256",
    ) -> None:  # fmt: skip
        self._binaries = binaries
        self._home = home
        self._settings = {**SERVER_SETTINGS, **settings}
        self._authentication = authentication
        self._owner = ordinary_user()
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)

    @property
    def url(self) -> str:
        return self.url_of("todo")

    def url_of(self, role: str) -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def socket(self) -> Path:
        return self._home / f".s.PGSQL.{self.port}"

    @property
    def log(self) -> Path:
        return self._home / "log"

    def create(self) -> None:
        password_file = self._home / "password"
        password_file.write_text(self.password)
        if self._owner:
            for path in (self._home, password_file):
                shutil.chown(path, self._owner)
        self._run(
            "initdb", "--username=postgres", f"--pwfile={password_file}", f"--auth={self._authentication}",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        settings = {**self._settings, "port": str(self.port), "unix_socket_directories": str(self._home)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "start", "--wait", f"--log={self.log}", f"--options={options}")

    def make_role(self) -> None:
        """The service's role as a deployment should have it: no superuser, bound by row security."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as database:
            password = sql.Literal(self.password)
            database.execute(sql.SQL("CREATE ROLE todo LOGIN CREATEDB CREATEROLE PASSWORD {}").format(password))
            database.execute("GRANT pg_monitor, pg_signal_backend TO todo")
            database.execute("ALTER DATABASE postgres OWNER TO todo")

    def stop(self, *, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", f"--mode={mode}")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its connections stay, and nobody answers on them: as on a host that stalls."""
        processes = self._processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """The first one makes all others, so it comes first."""
        first = int((self._home / "data" / "postmaster.pid").read_text().split()[0])
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, others)]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments, f"--pgdata={self._home / 'data'}"],
            user=self._owner, cwd=self._home, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip


@contextmanager
def own_cluster(binaries: Path) -> Iterator[Cluster]:
    """An empty database whose role may create more, gone after the block."""
    with tempfile.TemporaryDirectory(prefix="todo-postgres-") as root:
        made = Cluster(binaries, Path(root))
        made.create()
        made.start()
        try:
            made.make_role()
            yield made
        finally:
            made.stop(mode="immediate")


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Yields the URL of ``own_cluster``."""
    with own_cluster(binaries) as made:
        yield made.url


def ordinary_user() -> str | None:
    """Who runs the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def main() -> int:
    binaries = find_binaries()
    if binaries is None:
        sys.exit("No PostgreSQL server binaries on this machine.")
    with cluster(binaries) as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
