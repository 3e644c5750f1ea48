"""PgBouncer in transaction mode before a cluster: every transaction may get another server connection."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from testing.postgres import Cluster, ordinary_user
from testing.service import START_SECONDS, free_port

# Fewer than the service opens, so that clients change places.
SERVER_CONNECTIONS: Final = 4
SETTINGS: Final = """\
[databases]
postgres = host=127.0.0.1 port={server_port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
ignore_startup_parameters = extra_float_digits
"""


def find() -> str | None:
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def running(program: str, cluster: Cluster) -> Iterator[str]:
    """Yields the URL, in which nothing says what stands behind it."""
    port, server = free_port(), urlsplit(cluster.url)
    with tempfile.TemporaryDirectory(prefix="todo-pgbouncer-") as home:
        users, settings = Path(home, "users"), Path(home, "pgbouncer.ini")
        users.write_text(f'"{server.username}" "{cluster.password}"\n')
        settings.write_text(SETTINGS.format(server_port=server.port, port=port, users=users, size=SERVER_CONNECTIONS))
        owner = ordinary_user()
        if owner:
            for path in (Path(home), users, settings):
                shutil.chown(path, owner)
        with subprocess.Popen([program, "--quiet", settings], user=owner, cwd=home) as process:
            try:
                _wait(port)
                yield cluster.url.replace(f":{server.port}/", f":{port}/")
            finally:
                process.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
