"""``make two-machines-suite``: the tests of the apps, each request of which goes to one of two instances.

Without words all apps'; with some, what they name: ``ARGS="tasks/tests -n 0"``. ``--kept`` names those about what a
service keeps between two requests, which ``make two-machines`` runs.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from testing import postgres
from testing.run import OVER_CORES

PLUGIN: Final = "testing.two_machines.plugin"
APPS: Final = ("core", "accounts", "tasks", "assistant", "staff", "todo_project")
KEPT: Final = (
    "testing/two_machines",
    *(f"accounts/tests/test_{name}.py" for name in ("limit_logins", "log_out", "manage_sessions", "refresh_tokens")),
    *(f"tasks/tests/test_{name}.py" for name in ("cap_tasks", "follow_changes", "match_versions", "replay_creations")),
    *(f"tasks/tests/test_{name}.py" for name in ("undo_changes", "walk_pages", "write_in_bulk")),
    *(f"assistant/tests/test_{name}.py" for name in ("confirm_actions", "conversations", "replay_turns", "undo_turns")),
)
# What a run has to say comes at its end.
QUIET: Final = ("-q", "-r", "fE")


def main(words: list[str]) -> int:
    binaries = postgres.find_binaries()
    if binaries is None:
        print("PostgreSQL is not installed.", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, *QUIET, *OVER_CORES, *_chosen(words)]
    with postgres.cluster(binaries) as url:
        return subprocess.run(command, env={**os.environ, "TEST_DATABASE_URL": url}, check=False).returncode


def _chosen(words: list[str]) -> list[str]:
    if "--kept" in words:
        return [*KEPT, *(word for word in words if word != "--kept")]
    return words if any(Path(word.partition("::")[0]).exists() for word in words) else [*APPS, *words]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
