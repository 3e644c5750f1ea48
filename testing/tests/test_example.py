"""``examples/nextjs`` against what it stands on: settings, paths, commands, packages.

What it does is seen by `make e2e-example`.
"""

import json
import re
from typing import Any, Final

import pytest

from testing.service import ROOT
from todo_project.env import values

pytestmark = pytest.mark.once

HOME: Final = ROOT / "examples" / "nextjs"
# Of the starter itself, of Better Auth and of the page's server.
OTHERS: Final = {"PAGE_PORT", "SERVICE_PORT", "EXAMPLE_DATA", "AUTH_DATABASE", "TODO_SERVICE_URL", "ARGS", "PYTHON"}


def text(name: str) -> str:
    return (HOME / name).read_text()


def sources() -> str:
    return "\n".join(path.read_text() for path in sorted((HOME / "src").rglob("*.ts*")))


def package(folder: str, name: str = "package.json") -> Any:
    return json.loads((ROOT / folder / name).read_text())


def test_the_service_has_the_settings_that_it_is_started_with() -> None:
    block = text("start.mjs").partition("const serviceSettings = {")[2].partition("};")[0]
    named = set(re.findall(r"^  ([A-Z_]+):", block, re.MULTILINE))

    assert {"JWKS_URL", "BETTER_AUTH_URL", "ALLOWED_ORIGINS", "DATABASE_URL"} <= named
    assert named - {"ENV_FILE"} <= values.names()


def test_its_page_names_settings_and_commands_that_there_are() -> None:
    page = text("README.md")
    settings = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\bARGS\b", page))
    targets = set(re.findall(r"\bmake ([a-z][a-z0-9-]*)", page))
    makefile = (ROOT / "Makefile").read_text()

    assert len(settings) >= 8
    assert settings - OTHERS <= values.names()
    assert targets >= {"example", "run", "e2e-example"}
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    for setting in ("PAGE_PORT", "SERVICE_PORT", "EXAMPLE_DATA", "AUTH_DATABASE", "TODO_SERVICE_URL"):
        assert f"process.env.{setting}" in text("start.mjs") + sources() or f'portOf("{setting}"' in text("start.mjs")


def test_its_page_names_the_ports_that_it_takes() -> None:
    ports = dict(re.findall(r'portOf\("([A-Z_]+)", (\d+)\)', text("start.mjs")))

    assert f"http://localhost:{ports['PAGE_PORT']}" in text("README.md")
    assert f"on port {ports['SERVICE_PORT']}" in text("README.md")
    # What make run takes is left to it.
    assert str(values.read({"SECRET_KEY": "x" * 32}).port) not in ports.values()


def test_each_path_that_it_calls_is_one_of_the_document() -> None:
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    called = {
        path if path.startswith("/api/") else f"/{path}" for path in re.findall(r'api\.[A-Z]+\("([^"]+)"', sources())
    }

    assert len(called) >= 4
    assert called <= set(paths)
    assert "/api/${connection.userId}/chat" in sources()
    assert "/api/{user_id}/chat" in paths


def test_the_files_that_its_page_names_are_there() -> None:
    names = re.findall(r"`(src/[\w./-]+)`", text("README.md"))

    assert len(names) >= 8
    assert [name for name in names if not (HOME / name).exists()] == []


def test_it_has_the_packed_client_as_it_is() -> None:
    """Without a digest, for the client is packed anew where it is installed."""
    client, locked = package("clients/typescript"), package("examples/nextjs", "package-lock.json")["packages"]
    installed = locked["node_modules/todo-backend-client"]
    archive = f"todo-backend-client-{client['version']}.tgz"

    assert package("examples/nextjs")["dependencies"]["todo-backend-client"] == f"file:{archive}"
    assert installed["resolved"] == f"file:{archive}"
    assert (installed["version"], installed["dependencies"]) == (client["version"], client["dependencies"])
    assert "integrity" not in installed
    assert f"/{archive}:" in (ROOT / "Makefile").read_text()


def test_each_package_is_pinned() -> None:
    own = package("examples/nextjs")
    versions = {**own["dependencies"], **own["devDependencies"]}.items()

    assert [name for name, version in versions if not re.fullmatch(r"[\d.]+|file:.*", version)] == []
