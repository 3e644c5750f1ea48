import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from testing import image as images
from testing.image import ROOT
from todo_project.env import values

pytestmark = pytest.mark.once

PORT = "7860"
IMAGE = images.read(Path("/"))


def compose_services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return services


def test_the_secret_of_the_build_stays_out_of_the_image() -> None:
    assert set(IMAGE.env) == {"PATH", "PYTHONUNBUFFERED", "ENVIRONMENT", "PORT"}
    assert "ARG" not in dict(IMAGE.instructions)


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
