"""python -m testing.parser_watch: whether a newer gunicorn comes with a C parser by now.

`requirements.in` keeps gunicorn below a version whose ``fast`` extra asks for a gunicorn-h1c that nobody published.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).resolve().parents[1] / "requirements.in"
PINNED: Final = re.compile(r"^gunicorn\[fast\]>=[\d.]+,<(\d+)$", re.MULTILINE)
# What pip says where the extra cannot be had.
MISSING: Final = re.compile(r"gunicorn-h1c|ResolutionImpossible", re.IGNORECASE)


def main() -> int:
    pinned = PINNED.search(REQUIREMENTS.read_text())
    if pinned is None:
        print("requirements.in no longer keeps gunicorn[fast] below a version: this watch has nothing to watch.")
        return 1
    newer = f"gunicorn[fast]>={pinned[1]}"
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    command = [*pip, "--dry-run", "--ignore-installed", newer]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        print(f"{newer} can be installed by now: lift the bound in requirements.in, and `make lock`.")
        return 1
    if not MISSING.search(tried.stderr + tried.stdout):
        print(f"Whether {newer} can be installed was not found out; the index does not answer.")
        return 0
    print(f"{newer} cannot be installed yet, so requirements.in keeps gunicorn below {pinned[1]}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
