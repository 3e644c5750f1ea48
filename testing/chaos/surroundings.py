"""Redis away, the disk full, and a rolling restart behind nginx."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from testing import redis_server
from testing.chaos.load import PASSWORD, Client, merged, reads, running, sign_up, writes
from testing.chaos.place import GENEROUS, Place, readiness
from testing.chaos.table import Findings
from testing.service import MIGRATE, Server, free_port, output, serving, stopping, wait_until

NGINX: Final = """
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    upstream todo {{ server 127.0.0.1:{first}{options}; server 127.0.0.1:{second}{options}; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://todo; proxy_set_header Host $host; }}
    }}
}}
"""


def run(place: Place) -> list[Findings]:
    return [_without_redis(place), _disk_full(place), *_rolling(place)]


def _without_redis(place: Place) -> Findings:
    found = Findings("Redis away")
    if not redis_server.is_installed():
        found.holds("not tried", "redis-server is not installed", "redis-server", holds="CI" not in os.environ)
        return found
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server.stoppable())
        server = stack.enter_context(place.server("redis", REDIS_URL=redis.url))
        person = sign_up(server, "redis@example.com")
        found.equal("readiness before", readiness(server), (200, "ready"))
        for fault, end in ((signal.SIGSTOP, "hangs"), (signal.SIGKILL, "is gone")):
            redis.process.send_signal(fault)
            clients = [Client(server.port, person.headers, reads(person)) for _ in range(4)]
            clients += [Client(server.port, person.headers, writes(person, f"Redis {end}")) for _ in range(4)]
            with running(clients):
                time.sleep(3)
                begun = time.monotonic()
                found.equal(f"readiness while it {end}", readiness(server), (200, "degraded"))
                found.at_most("which took", time.monotonic() - begun, 2)
                body = {"email": person.email, "password": PASSWORD}
                found.equal("a login, which must be counted", person.ask("POST", "/api/auth/login", body)[0], 503)
            found.none(f"tasks but 200 and 201 while it {end}", merged(clients).other_than(200, 201))
    return found


def _disk_full(place: Place) -> Findings:
    found = Findings("disk full (SQLite)")
    if os.geteuid() != 0:
        found.holds("not tried", "only root mounts disks", "root", holds=True)
        return found
    disk = place.home / "disk"
    # A scenario may run twice.
    disk.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        found.holds("not tried", "nothing can be mounted here", "a disk of our own", holds=True)
        return found
    try:
        _fill(found, place, disk)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
    return found


def _fill(found: Findings, place: Place, disk: Path) -> None:
    settings = {**GENEROUS, "DATABASE_URL": f"sqlite:///{disk / 'db.sqlite3'}"}
    output(MIGRATE, settings)
    with serving(place.home / "disk.log", settings) as server:
        person = sign_up(server, "disk@example.com")
        clients = [Client(server.port, person.headers, writes(person, f"Disk {number}")) for number in range(4)]
        with running(clients):
            time.sleep(1)
            filler = disk / "filler"
            try:
                with filler.open("wb", buffering=0) as file:
                    while True:
                        file.write(b"\0" * 4096)
            except OSError:
                pass
            time.sleep(2)
            status, _, problem = person.ask("POST", person.tasks, {"title": "During", "description": "x" * 900})
            found.equal("a write", f"{status} {problem['code']}", "503 unavailable")
            found.equal("a read", person.ask("GET", f"{person.tasks}?limit=5")[0], 200)
            filler.unlink()
            wait_until(lambda: person.ask("POST", person.tasks, {"title": "After"})[0] == 201, 30)
        found.none("acknowledged writes lost", len(merged(clients).acknowledged() - person.titles()))
        found.none("answers but 201 and 503", merged(clients).other_than(201, 503))


def _rolling(place: Place) -> Iterator[Findings]:
    for name, options in (("max_fails=0", " max_fails=0"), ("nginx's defaults", "")):
        found = Findings(f"rolling restart of two behind nginx, {name}")
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            found.holds("not tried", "nginx is not installed", "nginx", holds="CI" not in os.environ)
            yield found
            continue
        ports = [free_port(), free_port()]
        with nginx(program, place.home / f"nginx{len(options)}", ports, options) as port:
            _roll(found, place, ports, port)
        yield found


def _roll(found: Findings, place: Place, ports: list[int], front: int) -> None:
    with ExitStack() as stack:
        instances = [ExitStack() for _ in ports]
        for number, port in enumerate(ports):
            stack.enter_context(instances[number])
            instances[number].enter_context(_instance(place, port))
        server = Server(subprocess.Popen(["true"]), front, place.home / "front.log")
        person = sign_up(server, f"rolling{front}@example.com")
        clients = [Client(front, person.headers, reads(person)) for _ in range(4)]
        clients += [Client(front, person.headers, writes(person, f"Rolling {n}"), keep=n % 2 == 0) for n in range(4)]
        for client in clients:
            client.pause = 0.005
        with running(clients):
            time.sleep(1)
            for number, port in enumerate(ports):
                instances[number].close()
                instances[number].enter_context(_instance(place, port))
            time.sleep(1)
        record = merged(clients)
        lost = {outcome: count for outcome, count in record.outcomes().items() if outcome not in (200, 201)}
        found.none(f"lost of {len(record.answers)} requests", lost)
        found.none("acknowledged writes lost", len(record.acknowledged() - person.titles()))


@contextmanager
def _instance(place: Place, port: int) -> Iterator[Server]:
    settings = {"DRAIN_SECONDS": "5", "PORT": str(port), "TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "1"}
    with serving(
        place.home / f"instance{port}.log", {"DATABASE_URL": place.cluster.url, **GENEROUS, **settings}
    ) as server:
        yield server


@contextmanager
def nginx(program: str, home: Path, ports: list[int], options: str) -> Iterator[int]:
    home.mkdir(exist_ok=True)
    port = free_port()
    file = home / "nginx.conf"
    file.write_text(NGINX.format(home=home, port=port, first=ports[0], second=ports[1], options=options))
    process = subprocess.Popen([program, "-c", str(file), "-e", str(home / "start.log")])
    with stopping(process):
        yield port
