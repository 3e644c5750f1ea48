"""The documentation pages in a real browser: what they load, how they look, and whether their examples work."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.frontends.browser import find_chromium
from testing.service import MIGRATE, output, serving

pytestmark = pytest.mark.once

HERE: Final = Path(__file__).parent
SECONDS: Final = 300


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of what ``drive.mjs`` did and saw; its screenshots lie where ``DOCS_SHOTS`` says."""
    chromium, node = find_chromium(), shutil.which("node")
    if chromium is None or node is None:
        if os.environ.get("CI"):
            pytest.fail("The tests of the documentation pages need Chromium and Node.")
        pytest.skip("Chromium and Node are not both installed")
    home = tmp_path_factory.mktemp("docs")
    shots = Path(os.environ.get("DOCS_SHOTS", home))
    known = {"DATABASE_URL": f"sqlite:///{home}/todo.sqlite3"}
    output([*MIGRATE], known)
    with serving(home / "service.log", known) as server:
        driven = subprocess.run(
            [node, "drive.mjs", server.base, chromium, str(shots)],
            cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    assert driven.returncode == 0, driven.stderr
    return json.loads(driven.stdout)


def test_examples_work_untouched_once_somebody_signed_up_in_the_form(report: Any) -> None:
    assert report["statuses"] == {
        "create": 201, "list": 200, "read": 200, "change": 200, "bulk": 200, "chat": 200, "conversation": 200,
        "refresh": 200, "me": 200,
    }  # fmt: skip


def test_no_request_leaves_the_host_and_nothing_goes_wrong(report: Any) -> None:
    assert report["foreign"] == []
    assert report["errors"] == []


def test_the_pages_fit_a_phone_and_follow_the_systems_colours(report: Any) -> None:
    assert {name for name, pixels in report["overflow"].items() if pixels > 0} == set()
    assert report["ground"] == {"light": "rgb(247, 248, 250)", "dark": "rgb(20, 24, 31)"}


def test_the_reference_shows_the_schemas(report: Any) -> None:
    assert report["schemas"] > 50
