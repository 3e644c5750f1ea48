"""A PostgreSQL cluster for one run: made in a temporary directory, removed afterwards.

python -m testing.postgres COMMAND ...     runs COMMAND with DATABASE_URL set
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_SETTINGS = {
    # Nothing here outlives the run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
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


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Yields the URL of an empty database whose role may create more."""
    owner = _ordinary_user()
    password = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory(prefix="todo-postgres-") as root:
        home = Path(root)
        data, port = home / "data", _free_port()
        password_file = home / "password"
        password_file.write_text(password)
        if owner:
            for path in (home, password_file):
                shutil.chown(path, owner)

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [binaries / program, *arguments], user=owner, cwd=home, stdout=subprocess.DEVNULL, check=True
            )

        run(
            "initdb", f"--pgdata={data}", "--username=todo", f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        settings = {**SERVER_SETTINGS, "port": str(port), "unix_socket_directories": str(home)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        run("pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={home / 'log'}", f"--options={options}")
        try:
            yield f"postgresql://todo:{password}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", f"--pgdata={data}", "--mode=immediate")


def _ordinary_user() -> str | None:
    """Who runs the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    binaries = find_binaries()
    if binaries is None:
        sys.exit("No PostgreSQL server binaries on this machine.")
    with cluster(binaries) as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
