"""Every file of deploy/ means the service that there is: its settings, ports, commands, probes, its time to stop."""

import importlib.util
import json
import os
import re
import runpy
import subprocess
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from django.core.management import get_commands
from django.test import Client

from testing.postgres import Cluster, find_binaries
from testing.service import ROOT, free_port
from testing.two_machines.front import needed
from todo_project.env import values

pytestmark = pytest.mark.once

DEPLOY = ROOT / "deploy"
PORT = 7860
# Python's own.
PYTHONS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
SYSTEMD = sorted((DEPLOY / "systemd").glob("*.service"))
KUBERNETES = [path for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) if path.stem != "kustomization"]


def stack() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())["services"]
    return services


def resources() -> dict[str, dict[str, Any]]:
    documents = [one for path in KUBERNETES for one in yaml.safe_load_all(path.read_text())]
    return {document["kind"]: document for document in documents}


def pod(kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = resources()[kind]["spec"]["template"]["spec"]
    return spec


def unit(path: Path) -> dict[str, list[str]]:
    """The lines of ``[Service]``; a name may stand there more than once."""
    found: dict[str, list[str]] = {}
    body = path.read_text().partition("[Service]\n")[2].partition("\n[")[0]
    for line in body.splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def kubernetes_environment(kind: str) -> dict[str, str]:
    [container] = pod(kind)["containers"]
    # What whoever keeps the secrets is told to put there.
    secret = re.findall(r"--from-literal=([A-Z_]+)=", (DEPLOY / "kubernetes/config.yaml").read_text())
    config: dict[str, str] = resources()["ConfigMap"]["data"]
    named = [one["name"] for one in container.get("env", [])]
    return config | dict.fromkeys([*secret, *named], "${SECRET}")


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    for name in ("api-one", "api-two", "migrate"):
        yield f"compose {name}", stack()[name]["environment"]
    for path in SYSTEMD:
        settings = " ".join(unit(path)["Environment"]).split()
        yield path.name, {name: value for name, _, value in (setting.partition("=") for setting in settings)}
    fly = tomllib.loads((DEPLOY / "fly/fly.toml").read_text())
    yield "fly", fly["env"]
    [render, _] = yaml.safe_load((DEPLOY / "render/render.yaml").read_text())["services"]
    yield "render", {one["key"]: one.get("value", "${SECRET}") for one in render["envVars"]}
    table = (DEPLOY / "railway/README.md").read_text()
    railway = re.findall(r"^\| `([A-Z_]+)` \| (?:from `[^`]*|`([^`]*))`", table, re.MULTILINE)
    yield "railway", {name: value or "${SECRET}" for name, value in railway}
    for kind in ("Deployment", "Job"):
        yield f"kubernetes {kind}", kubernetes_environment(kind)


ENVIRONMENTS = dict(environments())
# What a secret is, for a look at the rest.
MADE_UP = {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://todo:x@db/todo", "REDIS_URL": "redis://redis:6379/0"}
# The backup's own (deploy/backup.py).
BACKUPS = {"KEEP"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_it_sets_what_the_service_reads_to_what_it_takes(name: str, tmp_path: Path) -> None:
    found = ENVIRONMENTS[name]
    assert set(found) - PYTHONS - BACKUPS <= values.names()

    told = {key: value for key, value in found.items() if "${" not in value and key not in PYTHONS | BACKUPS}
    env = values.read({**MADE_UP, "ALLOWED_HOSTS": "todo.example.com", **told}, tmp_path)

    assert env.warnings == ()
    if "PORT" in told:
        assert env.port == PORT
    # An image says so itself, and a backup asks nobody.
    assert env.is_production or name in ("railway", "todo-backup.service")


def commands() -> Iterator[tuple[str, list[str]]]:
    for name in ("api-one", "api-two", "migrate"):
        yield f"compose {name}", stack()[name]["command"]
    for path in SYSTEMD:
        [started] = unit(path)["ExecStart"]
        program, *arguments = started.split()
        assert program.startswith("/opt/todo/.venv/bin/")
        yield path.name, [program.removeprefix("/opt/todo/.venv/bin/"), *arguments]
    fly = tomllib.loads((DEPLOY / "fly/fly.toml").read_text())
    yield "fly release", fly["deploy"]["release_command"].split()
    yield "fly", fly["processes"]["app"].split()
    render = yaml.safe_load((DEPLOY / "render/render.yaml").read_text())["services"][0]
    yield "render", render["preDeployCommand"].split()
    [railway] = json.loads((DEPLOY / "railway/railway.json").read_text())["deploy"]["preDeployCommand"]
    yield "railway", railway.split()
    for kind in ("Deployment", "Job"):
        yield f"kubernetes {kind}", pod(kind)["containers"][0]["args"]


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_it_starts_what_there_is(name: str) -> None:
    program, *arguments = COMMANDS[name]
    if program == "gunicorn":
        assert arguments == ["todo_project.wsgi"]
        assert importlib.util.find_spec(arguments[0])
    else:
        assert program == "python"
        assert (ROOT / arguments[0]).is_file()
        assert arguments[0] != "manage.py" or arguments[1] in get_commands()


def probes() -> set[str]:
    [container] = pod("Deployment")["containers"]
    found = {container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    found |= set(re.findall(r"health_uri (\S+)", (DEPLOY / "caddy/Caddyfile").read_text()))
    found |= {one["path"] for one in tomllib.loads((DEPLOY / "fly/fly.toml").read_text())["http_service"]["checks"]}
    found.add(yaml.safe_load((DEPLOY / "render/render.yaml").read_text())["services"][0]["healthCheckPath"])
    found.add(json.loads((DEPLOY / "railway/railway.json").read_text())["deploy"]["healthcheckPath"])
    return found


@pytest.mark.django_db
def test_each_probe_is_answered_by_its_address(client: Client) -> None:
    assert probes() == {"/health", "/health/ready"}
    for path in probes():
        assert client.get(path, headers={"host": "10.0.0.1:7860"}).status_code == 200


def test_everybody_means_the_same_port() -> None:
    assert re.findall(r"server api-\w+:(\d+)", (DEPLOY / "compose/nginx.conf").read_text()) == [str(PORT)] * 2
    assert f"server 127.0.0.1:{PORT};" in (DEPLOY / "nginx/todo.conf").read_text()
    assert f"reverse_proxy 127.0.0.1:{PORT} " in (DEPLOY / "caddy/Caddyfile").read_text()
    assert tomllib.loads((DEPLOY / "fly/fly.toml").read_text())["http_service"]["internal_port"] == PORT
    [port] = pod("Deployment")["containers"][0]["ports"]
    assert port["containerPort"] == PORT
    [service] = resources()["Service"]["spec"]["ports"]
    assert service["targetPort"] == port["name"]
    [rule] = resources()["NetworkPolicy"]["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": PORT}]


def test_everybody_gives_it_the_time_to_finish_its_requests() -> None:
    seconds = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
    railway = json.loads((DEPLOY / "railway/railway.json").read_text())["deploy"]
    render = yaml.safe_load((DEPLOY / "render/render.yaml").read_text())["services"][0]

    assert int(stack()["api-one"]["stop_grace_period"].removesuffix("s")) > seconds
    assert int(unit(DEPLOY / "systemd/todo.service")["TimeoutStopSec"][0]) > seconds
    assert tomllib.loads((DEPLOY / "fly/fly.toml").read_text())["kill_timeout"] > seconds
    assert pod("Deployment")["terminationGracePeriodSeconds"] > seconds
    assert railway["drainingSeconds"] > seconds
    assert render["maxShutdownDelaySeconds"] > seconds


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_kubernetes_runs_it_as_an_ordinary_user_on_a_root_that_nobody_writes(kind: str) -> None:
    spec = pod(kind)
    [container] = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 1000
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert "memory" in container["resources"]["limits"]


def test_kubernetes_selects_its_own_pods() -> None:
    labels = resources()["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        resources()["Deployment"]["spec"]["selector"]["matchLabels"],
        resources()["Service"]["spec"]["selector"],
        resources()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector == labels
    assert resources()["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "todo"
    listed = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())["resources"]
    assert {path.name for path in KUBERNETES} == set(listed)


@pytest.mark.parametrize("file", ["compose.yaml", "deploy/compose/compose.yaml"])
def test_compose_bounds_memory_and_logs_and_keeps_the_service_confined(file: str) -> None:
    services = yaml.safe_load((ROOT / file).read_text())["services"]
    for name, service in services.items():
        assert service["mem_limit"], name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if name != "postgres":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        # Whatever faces the network is not this.
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_stack_migrates_as_another_role_than_it_serves(database: Cluster) -> None:
    environment = {
        "POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres", "PGPASSWORD": database.password,
        "PGHOST": "127.0.0.1", "PGPORT": database.url.rpartition(":")[2].partition("/")[0],
        "TODO_PASSWORD": "it's one", "OWNER_PASSWORD": "another", "BACKUP_PASSWORD": "and a third",
        "PATH": f"{find_binaries()}:{os.environ['PATH']}",
    }  # fmt: skip
    with psycopg.connect(database.url_of("postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE todo RENAME TO the_tests_own")
        [script] = (DEPLOY / "compose/postgres").iterdir()
        subprocess.run([script], env=os.environ | environment, check=True)
        made = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'todo%' ORDER BY 1"
        ).fetchall()
        [(owner,)] = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'todo'"
        ).fetchall()
        connection.execute("ALTER ROLE the_tests_own RENAME TO todo_tests_own")

    assert made == [
        ("todo", False, False, False, False),
        ("todo_backup", False, True, False, False),
        ("todo_owner", False, False, False, False),
    ]
    assert owner == "todo_owner"
    assert stack()["migrate"]["environment"]["DATABASE_URL"].startswith("postgresql://todo_owner:")
    assert stack()["api-one"]["environment"]["DATABASE_URL"].startswith("postgresql://todo:")


def for_here(text: str, home: Path) -> str:
    """With names and files that this machine has, and as nginx of Debian 12 knows it, which looks names up once."""
    text = re.sub(r"^ *resolver .*\n", "", text, flags=re.MULTILINE).replace(" resolve;", ";")
    text = re.sub(r"server api-\w+:\d+", lambda _: f"server 127.0.0.1:{free_port()}", text)
    text = re.sub(r"listen (\[::\]:)?(\d+)", lambda found: f"listen 127.0.0.1:{free_port()}", text)
    return text.replace("/etc/nginx/todo-proxy.conf", str(DEPLOY / "nginx/proxy.conf")).replace(
        "/etc/letsencrypt/live/todo.example.com", str(home)
    )


@pytest.mark.parametrize("file", ["nginx/todo.conf", "compose/nginx.conf"])
def test_nginx_takes_it(file: str, tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=todo.example.com",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"], check=True, capture_output=True,
    )  # fmt: skip
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ {for_here((DEPLOY / file).read_text(), tmp_path)} }}",
    )

    tried = subprocess.run(
        [needed("nginx"), "-t", "-e", tmp_path / "log", "-c", conf], capture_output=True, text=True, check=False
    )

    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr


def test_caddy_takes_it() -> None:
    tried = subprocess.run(
        [needed("caddy"), "adapt", "--validate", "--config", DEPLOY / "caddy/Caddyfile", "--adapter", "caddyfile"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert tried.returncode == 0, tried.stderr
    assert "not formatted" not in tried.stderr


def test_systemd_takes_them(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"/opt/todo/\.venv/bin/\w+", "/usr/bin/env", path.read_text())
        (tmp_path / path.name).write_text(text.replace("/opt/todo", str(ROOT)))

    tried = subprocess.run(
        [needed("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", *sorted(tmp_path.iterdir())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (tried.returncode, tried.stderr) == (0, "")


@pytest.mark.parametrize("name", [path.stem for path in (DEPLOY / "systemd").glob("*.timer")])
def test_each_timer_has_its_service(name: str) -> None:
    assert (DEPLOY / f"systemd/{name}.service").is_file()
    timer = ConfigParser(interpolation=None)
    timer.read(DEPLOY / f"systemd/{name}.timer")
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_pgbouncer_has_fewer_connections_than_postgresql_gives() -> None:
    bouncer = ConfigParser(interpolation=None)
    bouncer.read(DEPLOY / "compose/pgbouncer/pgbouncer.ini")
    settings = bouncer["pgbouncer"]
    [given] = [one for one in stack()["postgres"]["command"] if one.startswith("max_connections=")]

    assert settings["pool_mode"] == "transaction"
    # The job's, the backup's, the superuser's reserve.
    assert int(settings["default_pool_size"]) + 10 <= int(given.partition("=")[2])
    assert f"@pgbouncer:{settings['listen_port']}/" in stack()["api-one"]["environment"]["DATABASE_URL"]


def test_the_overview_names_every_way() -> None:
    text = (DEPLOY / "README.md").read_text()
    folders = {path.name for path in DEPLOY.iterdir() if path.is_dir()}

    assert {name for name in folders if f"({name}/" not in text} == {"postgres"}
