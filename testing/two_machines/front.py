"""Two instances behind nginx, PgBouncer in transaction mode, PostgreSQL and Redis: with the files of deploy/compose."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import psycopg
import pytest

from testing.postgres import ordinary_user
from testing.service import ROOT, Server, free_port, serving, stopping, wait_until

COMPOSE: Final = ROOT / "deploy" / "compose"
USUAL: Final = {"TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "1", "LOG_FORMAT": "json"}


@dataclass(frozen=True, slots=True)
class Database:
    """What PgBouncer stands before."""

    port: int
    name: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class Place:
    """What the instances stand on."""

    home: Path
    settings: dict[str, str]

    @contextmanager
    def instance(self, port: int) -> Iterator[Server]:
        with serving(self.log(port), {**USUAL, **self.settings, "PORT": str(port)}) as server:
            yield server

    def log(self, port: int) -> Path:
        return self.home / f"instance{port}.log"


@dataclass(frozen=True, slots=True)
class Front:
    server: Server
    place: Place
    ports: tuple[int, int]
    # Each is closed to stop its instance.
    instances: tuple[ExitStack, ExitStack]

    def restart(self, number: int) -> None:
        self.instances[number].close()
        self.instances[number].enter_context(self.place.instance(self.ports[number]))

    def answered(self) -> list[int]:
        """How many requests each instance has in its log, since it was started last."""
        return [self.place.log(port).read_text().count('"logger":"access"') for port in self.ports]


@contextmanager
def serving_twice(place: Place) -> Iterator[Front]:
    ports = (free_port(), free_port())
    with ExitStack() as stack:
        instances = (stack.enter_context(ExitStack()), stack.enter_context(ExitStack()))
        for instance, port in zip(instances, ports, strict=True):
            instance.enter_context(place.instance(port))
        yield Front(stack.enter_context(_nginx(place.home, ports)), place, ports, instances)


def needed(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def database_pooled(database: Database) -> Iterator[str]:
    """Its URL at PgBouncer by the stack's settings, with addresses of this machine."""
    port, user = free_port(), ordinary_user()
    # Not where pytest keeps things: whoever runs it is to read them.
    with TemporaryDirectory(prefix="todo-pgbouncer-") as folder:
        home = Path(folder)
        there = f"host=127.0.0.1 port={database.port} dbname={database.name}"
        changes = {
            "host=postgres port=5432 dbname=todo": there, "listen_addr = *": "listen_addr = 127.0.0.1",
            "listen_port = 6432": f"listen_port = {port}",
            "/tmp/users": str(home / "users"),  # noqa: S108 - the container's own
        }  # fmt: skip
        (home / "pgbouncer.ini").write_text(_moved(COMPOSE / "pgbouncer" / "pgbouncer.ini", changes))
        (home / "users").write_text(f'"{database.role}" "{database.password}"\n')
        if user:
            for path in (home, *home.iterdir()):
                shutil.chown(path, user)
        command = [needed("pgbouncer"), "--quiet", str(home / "pgbouncer.ini")]
        with subprocess.Popen(command, user=user, cwd=home) as process, stopping(process):
            url = f"postgresql://{database.role}:{quote(database.password)}@127.0.0.1:{port}/todo"
            wait_until(lambda: _answers(url))
            yield f"{url}?pgbouncer=true"


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, prepare_threshold=None):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def _nginx(home: Path, ports: tuple[int, int]) -> Iterator[Server]:
    """By the stack's settings; Debian's nginx looks names up once, so these are addresses."""
    port = free_port()
    changes = {
        "server api-one:7860 resolve;": f"server 127.0.0.1:{ports[0]};",
        "server api-two:7860 resolve;": f"server 127.0.0.1:{ports[1]};",
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "/etc/nginx/todo-proxy.conf": str(ROOT / "deploy" / "nginx" / "proxy.conf"),
    }
    text = re.sub(r"^ *resolver .*\n", "", _moved(COMPOSE / "nginx.conf", changes), flags=re.MULTILINE)
    (home / "nginx").mkdir()
    places = "".join(
        f"{name}_temp_path {home}/nginx/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # What is too large for its memory goes to those, which only who runs the tests may enter.
    user = "user root; " if os.geteuid() == 0 else ""
    conf = home / "nginx.conf"
    conf.write_text(
        f"{user}daemon off; pid {home}/nginx/pid; error_log {home}/nginx/error.log;"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {places}\n{text} }}"
    )
    process = subprocess.Popen([needed("nginx"), "-c", conf, "-e", home / "nginx" / "start.log"])
    front = Server(process, port, home / "nginx" / "error.log")
    with stopping(process):
        wait_until(front.is_healthy)
        yield front


def _moved(path: Path, changes: Mapping[str, str]) -> str:
    """A file of the stack, with what is elsewhere here."""
    text = path.read_text()
    for ours, here in changes.items():
        assert ours in text
        text = text.replace(ours, here)
    return text
