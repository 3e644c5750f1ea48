import sys
from typing import Any

from testing.contract import document
from testing.contract.differences import Documents


def main(command: str) -> int:
    if command == "write":
        document.COMMITTED.write_text(document.generate(), encoding="utf-8")
        return 0
    old, new = document.read(document.RELEASED), document.read(document.COMMITTED)
    broken = Documents(old, new).breaks()
    for line in broken:
        print(line)
    print(f"{len(broken)} breaking changes since {old['info']['version']}.")
    return 1 if broken and _line(old) == _line(new) else 0


def _line(document: Any) -> list[str]:
    """Of versions that promise not to break each other (Semantic Versioning, also below 1.0)."""
    major, minor, *_ = document["info"]["version"].split(".")
    return [major, minor] if major == "0" else [major]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
