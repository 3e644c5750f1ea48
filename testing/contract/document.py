"""The document as the service serves it where nothing is set."""

import json
from pathlib import Path
from typing import Any, Final

from testing import service

COMMITTED: Final = service.ROOT / "openapi.json"
# Of the last release: `make schema` before its tag is what goes there.
RELEASED: Final = service.ROOT / "docs" / "released" / "openapi.json"
COMMAND: Final = ("manage.py", "spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn")


def generate() -> str:
    """In a process of its own, whatever is set in this one."""
    written = json.loads(service.output(COMMAND, {}))
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
