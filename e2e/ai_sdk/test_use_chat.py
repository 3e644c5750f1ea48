"""An unchanged page of ``useChat`` in a real browser, and the stream held against the AI SDK's own schemas."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from assistant.tests.stream_client import StreamClient
from assistant.tests.ui_client import Chat
from e2e.conftest import install
from e2e.frontends.browser import find_chromium, opened
from e2e.frontends.site import serving_pages
from testing.service import MIGRATE, ROOT, Server, output, serving

pytestmark = pytest.mark.once

HERE: Final = Path(__file__).parent
PAGE: Final = HERE / "page"
FLOW_SECONDS: Final = 120
STEPS: Final = [
    "add a task", "regenerate does nothing twice", "a question of the service, denied",
    "a question of the service, approved", "a problem is shown", "a resumed page",
]  # fmt: skip
# The next major version speaks the same.
NEXT: Final = ("--alias:ai=ai-next", "--alias:@ai-sdk/react=ai-react-next")


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    install(HERE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    known = {"DATABASE_URL": f"sqlite:///{tmp_path}/todo.sqlite3", "ALLOWED_ORIGINS": "*"}
    output([*MIGRATE], known)
    with serving(tmp_path / "service.log", known) as running:
        yield running


def build(directory: Path, *arguments: str) -> None:
    for name in ("index.html", "flow.js"):
        (directory / name).write_bytes((PAGE / name).read_bytes())
    command = [str(HERE / "node_modules/.bin/esbuild"), str(PAGE / "page.jsx"), "--bundle", "--jsx=automatic"]
    command += ["--define:process.env.NODE_ENV='production'", f"--outfile={directory / 'page.js'}", "--log-level=error"]
    subprocess.run([*command, *arguments], check=True, cwd=HERE)


@pytest.mark.parametrize("arguments", [(), NEXT], ids=["6", "7"])
def test_a_page_of_use_chat(tmp_path: Path, server: Server, arguments: tuple[str, ...]) -> None:
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("The tests of useChat need Chromium.")
        pytest.skip("Chromium is not installed")
    pages = tmp_path / "pages"
    pages.mkdir()
    build(pages, *arguments)
    ada = StreamClient(server.port, server.log)
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    query = urlencode({"api": server.base, "user": ada.home.removeprefix("/api/"), "token": token, "id": "my chat/1"})

    with serving_pages({}, pages) as site, opened(f"{site.origin}/index.html?{query}", tmp_path):
        try:
            report = site.reports.get(timeout=FLOW_SECONDS)
        except Empty:
            pytest.fail((tmp_path / "chromium.log").read_text())

    assert not report.get("failed"), report["failed"]
    assert report["before"] + report["done"] == STEPS
    assert ada.titles() == ["call mum"]


def test_the_page_of_the_documentation_can_be_built(tmp_path: Path) -> None:
    [code] = re.findall(r"```jsx\n(.*?)```", (ROOT / "docs" / "chat-pages.md").read_text(), re.DOTALL)
    command = [str(HERE / "node_modules/.bin/esbuild"), "--bundle", "--jsx=automatic", "--loader=jsx"]
    done = subprocess.run(
        [*command, "--log-level=warning"], input=code, cwd=HERE, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "addToolApprovalResponse" in done.stdout


def test_each_chunk_is_one_of_the_sdks_own(server: Server) -> None:
    ada = StreamClient(server.port, server.log)
    chat = Chat(ada)
    streams = [chat.say("Add task: pay the rent"), chat.say("show my tasks"), chat.say("delete everything")]
    told = checked(streams)
    assert [part["type"] for part in told[0]["parts"]] == [
        "step-start", "text", "tool-add_task", "step-start", "data-turn",
    ]  # fmt: skip
    asked = [part for part in told[2]["parts"] if part["type"] == "tool-delete_task"]
    assert [part["state"] for part in asked] == ["approval-requested"]


def checked(streams: list[Any]) -> list[Any]:
    """What the versions of the SDK make of them, one after the other."""
    done = subprocess.run(
        ["node", "check.mjs"], input=json.dumps(streams), cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: list[Any] = json.loads(done.stdout)
    count = len(streams)
    assert [entry["version"] for entry in told] == ["first"] * count + ["current"] * count + ["next"] * count
    assert told[:count]
    assert all(
        [entry["parts"] for entry in told[:count]] == [entry["parts"] for entry in told[begin : begin + count]]
        for begin in (count, 2 * count)
    )
    return told
