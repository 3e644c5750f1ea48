"""Two instances behind nginx, PgBouncer in transaction mode, PostgreSQL and Redis: with the files of deploy/compose."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
import pytest

from testing import postgres, redis_server
from testing.postgres import Cluster, ordinary_user
from testing.service import MIGRATE, ROOT, Server, free_port, output, serving, stopping, wait_until

COMPOSE: Final = ROOT / "deploy" / "compose"
PASSWORD: Final = "of-the-service"
OWNER_PASSWORD: Final = "of-who-migrates"
ROOMY: Final = "1000000/min"
LIMITS: Final = {"AUTH_RATE_LIMIT": ROOMY, "API_RATE_LIMIT": ROOMY, "CHAT_RATE_LIMIT": ROOMY}


@dataclass(frozen=True, slots=True)
class Place:
    """What the instances stand on."""

    home: Path
    settings: dict[str, str]

    @contextmanager
    def instance(self, port: int) -> Iterator[Server]:
        with serving(self.home / f"instance{port}.log", self.settings | {"PORT": str(port)}) as server:
            yield server


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
        """How many requests each instance has in its log, those of probes left out."""
        logs = [(self.place.home / f"instance{port}.log").read_text() for port in self.ports]
        return [len(re.findall(r"/api/", log)) for log in logs]


def needed(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return found


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    home = tmp_path_factory.mktemp("two")
    binaries = postgres.find_binaries()
    assert binaries, "PostgreSQL is not installed"
    needed("redis-server")
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.own_cluster(binaries))
        owner = _make_roles(cluster, binaries)
        output(MIGRATE, {"DATABASE_URL": owner})
        pooled = stack.enter_context(_pgbouncer(cluster))
        settings = {
            "DATABASE_URL": pooled, "REDIS_URL": stack.enter_context(redis_server.running()), "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "1", "DRAIN_SECONDS": "5", **LIMITS,
        }  # fmt: skip
        place, ports = Place(home, settings), (free_port(), free_port())
        instances = (stack.enter_context(ExitStack()), stack.enter_context(ExitStack()))
        for instance, port in zip(instances, ports, strict=True):
            instance.enter_context(place.instance(port))
        front = stack.enter_context(_nginx(home, ports))
        yield Front(front, place, ports, instances)


def _port(cluster: Cluster) -> int:
    return int(cluster.url.rpartition(":")[2].partition("/")[0])


def _make_roles(cluster: Cluster, binaries: Path) -> str:
    """As compose's database does at its first start; the URL of who migrates."""
    with psycopg.connect(cluster.url_of("postgres"), autocommit=True) as superuser:
        superuser.execute("ALTER ROLE todo RENAME TO of_the_tests")
    variables = {
        "POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres", "PGPASSWORD": cluster.password, "PGHOST": "127.0.0.1",
        "PGPORT": str(_port(cluster)), "TODO_PASSWORD": PASSWORD, "OWNER_PASSWORD": OWNER_PASSWORD,
        "BACKUP_PASSWORD": "of-the-backup", "PATH": f"{binaries}:{os.environ['PATH']}",
    }  # fmt: skip
    subprocess.run([COMPOSE / "postgres" / "roles.sh"], env=os.environ | variables, check=True)
    return f"postgresql://todo_owner:{quote(OWNER_PASSWORD)}@127.0.0.1:{_port(cluster)}/todo"


@contextmanager
def _pgbouncer(cluster: Cluster) -> Iterator[str]:
    """By the stack's settings, with addresses of this machine."""
    port, user = free_port(), ordinary_user()
    # Where whoever runs it may read.
    home = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    text = (COMPOSE / "pgbouncer" / "pgbouncer.ini").read_text()
    for ours, here in (
        ("host=postgres port=5432", f"host=127.0.0.1 port={_port(cluster)}"),
        ("listen_addr = *", "listen_addr = 127.0.0.1"),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("/tmp/users", str(home / "users")),  # noqa: S108 - the container's own
    ):
        assert ours in text
        text = text.replace(ours, here)
    (home / "pgbouncer.ini").write_text(text)
    (home / "users").write_text(f'"todo" "{PASSWORD}"\n')
    if user:
        for path in (home, *home.iterdir()):
            shutil.chown(path, user)
    with subprocess.Popen([needed("pgbouncer"), "--quiet", home / "pgbouncer.ini"], user=user, cwd=home) as process:
        try:
            url = f"postgresql://todo:{PASSWORD}@127.0.0.1:{port}/todo"
            wait_until(lambda: _answers(url))
            yield f"{url}?pgbouncer=true"
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(home)


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
    text = re.sub(r"^ *resolver .*\n", "", (COMPOSE / "nginx.conf").read_text(), flags=re.MULTILINE)
    for ours, here in (
        ("server api-one:7860 resolve;", f"server 127.0.0.1:{ports[0]};"),
        ("server api-two:7860 resolve;", f"server 127.0.0.1:{ports[1]};"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("/etc/nginx/todo-proxy.conf", str(ROOT / "deploy" / "nginx" / "proxy.conf")),
    ):
        assert ours in text
        text = text.replace(ours, here)
    (home / "nginx").mkdir()
    places = "".join(
        f"{name}_temp_path {home}/nginx/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = home / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {home}/nginx/pid; error_log {home}/nginx/error.log; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {places}\n{text} }}"
    )
    process = subprocess.Popen([needed("nginx"), "-c", conf, "-e", home / "nginx" / "start.log"])
    front = Server(process, port, home / "nginx" / "error.log")
    with stopping(process):
        wait_until(front.is_healthy)
        yield front
