import os
import runpy
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from testing import image as images
from testing.image import ROOT
from testing.postgres import Cluster
from testing.service import MIGRATE, output
from todo_project.env import values

pytestmark = pytest.mark.once

PORT = "7860"
IMAGE = images.read(Path("/"))


def compose_services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return services


def test_the_secret_of_the_build_stays_out_of_the_image() -> None:
    assert set(IMAGE.env) == {"PATH", "PYTHONUNBUFFERED", "ENVIRONMENT", "PORT", "GIT_COMMIT"}
    assert IMAGE.one("ARG") == "GIT_COMMIT="


def test_it_runs_as_the_user_of_a_hugging_face_space() -> None:
    assert IMAGE.one("USER") == "1000:1000"


def test_every_file_means_the_same_port() -> None:
    _, front_matter, _ = (ROOT / "deploy/huggingface/README.md").read_text().split("---\n", 2)
    space = yaml.safe_load(front_matter)
    api = compose_services()["api"]

    assert IMAGE.one("EXPOSE") == IMAGE.env["PORT"] == api["environment"]["PORT"] == PORT
    assert (space["sdk"], space["app_port"]) == ("docker", int(PORT))
    assert [port.split(":")[-1] for port in api["ports"]] == [PORT]


def test_compose_sets_what_the_service_reads_and_insists_on_the_secrets() -> None:
    api = compose_services()["api"]

    assert set(api["environment"]) <= values.names()
    assert api["environment"]["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in api["environment"]["DATABASE_URL"]


def test_composes_database_has_the_service_a_role_that_row_security_binds(database: Cluster) -> None:
    postgres = compose_services()["postgres"]
    folder, _, place = next(volume for volume in postgres["volumes"] if "initdb" in volume).partition(":")
    superuser = urlsplit(database.url_of("postgres"))
    # As the image sets them for what it finds there.
    environment = {
        "POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres", "POSTGRES_PASSWORD": "it's a secret",
        "PGHOST": str(superuser.hostname), "PGPORT": str(superuser.port), "PGPASSWORD": database.password,
    }  # fmt: skip
    with psycopg.connect(database.url_of("postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE todo RENAME TO the_tests_own")
        [script] = (ROOT / folder).iterdir()
        subprocess.run([script], env=os.environ | environment, check=True)
        made = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'todo'").fetchone()
        left = connection.execute("SELECT rolname FROM pg_authid WHERE rolsuper AND rolpassword IS NOT NULL").fetchall()

    assert place == "/docker-entrypoint-initdb.d:ro"
    assert (made, left) == ((False, False), [])
    url = compose_services()["api"]["environment"]["DATABASE_URL"]
    assert url.startswith("postgresql://todo:${POSTGRES_PASSWORD:?")
    assert url.endswith("@postgres:5432/todo")
    own = f"postgresql://todo:it%27s%20a%20secret@{superuser.hostname}:{superuser.port}/todo"
    assert output(MIGRATE, {"DATABASE_URL": own}) == ""


def test_compose_gives_the_service_the_time_to_finish_its_requests() -> None:
    gunicorn = runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    assert int(compose_services()["api"]["stop_grace_period"].removesuffix("s")) > gunicorn["graceful_timeout"]


def test_each_pre_commit_hook_calls_a_tool_that_make_check_calls() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]

    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        tool, _, command = hook["entry"].removeprefix(".venv/bin/").partition(" ")
        assert hook["language"] == "system"
        assert f"$(BIN)/{tool} {command.split()[0]}" in makefile
