"""The page of ``examples/nextjs``, as ``make example`` starts it, driven in a real browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.conftest import install
from e2e.frontends.browser import find_chromium
from testing.service import ROOT, free_port, stopping, wait_until

pytestmark = pytest.mark.once

HERE: Final = Path(__file__).parent
EXAMPLE: Final = ROOT / "examples" / "nextjs"
SECONDS: Final = 300
BUILT: Final = EXAMPLE / ".next" / "BUILD_ID"


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    if find_chromium() is None or not BUILT.exists():
        if os.environ.get("CI"):
            pytest.fail("The tests of the example need Chromium and its build: make e2e-example.")
        pytest.skip("Chromium is not installed, or the example is not built")
    install(HERE)


def ports() -> dict[str, str]:
    return {"PAGE_PORT": str(free_port()), "SERVICE_PORT": str(free_port())}


@contextmanager
def started(folder: Path, variables: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    printed = folder / "printed"
    settings = {"PYTHON": sys.executable, "EXAMPLE_DATA": str(folder / "data"), **variables}
    with printed.open("w") as output:
        process = subprocess.Popen(
            ["node", "start.mjs"], cwd=EXAMPLE, env={**os.environ, **settings}, stdout=output, stderr=output, text=True
        )
    with stopping(process):
        wait_until(lambda: "Ctrl-C" in printed.read_text() or process.poll() is not None, SECONDS)
        yield process, printed


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of what ``drive.mjs`` did and saw; its screenshots lie where ``EXAMPLE_SHOTS`` says."""
    home = tmp_path_factory.mktemp("example")
    shots = Path(os.environ.get("EXAMPLE_SHOTS", home))
    known = ports()
    with started(home, known) as (process, printed):
        assert process.poll() is None, printed.read_text()
        addresses = [f"http://localhost:{port}" for port in known.values()]
        driven = subprocess.run(
            [shutil.which("node") or "node", "drive.mjs", *addresses, str(find_chromium()), str(shots)],
            cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert driven.returncode == 0, driven.stderr
    return json.loads(driven.stdout)


def test_a_person_keeps_tasks_with_it(report: Any) -> None:
    assert len(report["done"]) == 18


def test_nothing_goes_wrong_and_no_request_leaves_the_machine(report: Any) -> None:
    assert report["errors"] == []
    assert report["foreign"] == []


def test_everybody_can_use_it(report: Any) -> None:
    assert len(report["violations"]) == 7
    assert {name: found for name, found in report["violations"].items() if found} == {}


def test_it_fits_a_phone_and_follows_the_systems_colours(report: Any) -> None:
    assert {name for name, pixels in report["overflow"].items() if pixels > 0} == set()
    assert report["ground"] == {"light": "rgb(245, 246, 249)", "dark": "rgb(18, 21, 27)"}


def test_a_port_that_is_taken_is_said_with_what_to_do(tmp_path: Path) -> None:
    known = ports()
    taken = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", known["SERVICE_PORT"]],
                             cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    port = int(known["SERVICE_PORT"])
    with stopping(taken):
        # The other program has to begin first.
        wait_until(lambda: listens(port))
        with started(tmp_path, known) as (process, printed):
            assert process.wait(SECONDS) == 1
    assert printed.read_text() == (
        f"Cannot start: port {port} is taken. Another one: SERVICE_PORT={port + 100} make example\n"
    )
    assert not (tmp_path / "data").exists()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_does_not_start_says_so_with_its_log(tmp_path: Path) -> None:
    with started(tmp_path, {**ports(), "API_RATE_LIMIT": "often"}) as (process, printed):
        assert process.wait(SECONDS) == 1

    assert "Stopped: the database cannot be prepared" in printed.read_text()
    assert "API_RATE_LIMIT" in printed.read_text()
