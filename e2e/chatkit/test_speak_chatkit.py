"""Requests made and events read by the models of the package ``openai-chatkit``, in an environment of its own."""

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from assistant.tests.stream_client import StreamClient
from testing.service import MIGRATE, ROOT, output, serving

pytestmark = pytest.mark.once

HERE: Final = Path(__file__).parent
PYTHON: Final = ROOT / ".venv-chatkit" / "bin" / "python"
BEGUN: Final = ["thread.item.done", "stream_options"]
ANSWERED: Final = ["thread.item.added", *["thread.item.updated"] * 3, "thread.item.done"]


def test_every_event_and_answer_is_one_of_the_packages_own(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.fail("The package is not installed: make e2e does that.")
    known = {"DATABASE_URL": f"sqlite:///{tmp_path}/todo.sqlite3", "CHAT_RATE_LIMIT": "1000/min"}
    output([*MIGRATE], known)
    with serving(tmp_path / "service.log", known) as server:
        ada = StreamClient(server.port, server.log)
        token = ada.headers["Authorization"].removeprefix("Bearer ")
        command = [str(PYTHON), str(HERE / "client.py"), f"{server.base}{ada.home}/chatkit", token]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    seen = json.loads(done.stdout)
    assert seen["created"] == ["thread.created", *BEGUN, *ANSWERED]
    assert seen["listed"] == [*BEGUN, "progress_update", *ANSWERED]
    assert seen["cancelled"] == ["thread.item.done", "thread.item.removed", "stream_options", *ANSWERED]
    assert seen["confirmed"] == "Deleted \u201cpay the rent\u201d."
    assert seen["retried"] == ["stream_options", *ANSWERED]
    assert seen["items"] == ["user_message", "assistant_message"] * 6
    assert seen["threads"] == ["Rent"]
