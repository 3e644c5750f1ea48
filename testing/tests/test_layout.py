"""The house keeps its shape: small modules, small folders, and a map that shows what is there."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from testing.service import ROOT

pytestmark = pytest.mark.once

MOST_LINES = 250
MOST_MODULES = 20
# `accounts/limits.py`, [the contract](docs/contract.md): a name with a folder or an ending of ours.
NAMED = re.compile(r"`([\w./-]+)`|\]\(([\w./-]+)(?:#[\w-]*)?\)")
GENERATED = Path("clients/python/src/todo_backend_client/schema.py")
UNSEEN = {"node_modules", "staticfiles", "__pycache__", "mutants"}
ENDINGS = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yaml",
    ".yml",
    ".ini",
    ".sh",
    ".json",
    ".html",
    ".js",
    ".css",
    ".lua",
    ".sql",
    ".ts",
    ".mjs",
}


def files() -> list[str]:
    """Of the checkout, but for what is hidden or installed; folders end in a slash."""
    found: list[str] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in UNSEEN and (not name.startswith(".") or name == ".ci")]
        here = Path(folder).relative_to(ROOT)
        found += [str(here / name) for name in names] + [f"{here / name}/" for name in folders]
    return found


def own_modules() -> list[Path]:
    """The code itself: no tests, no migrations, nothing that a program of ours writes."""
    paths = [Path(name) for name in files() if name.endswith(".py")]
    return [path for path in paths if not {"tests", "migrations"} & set(path.parts) and path != GENERATED]


def named_files(text: str) -> list[str]:
    names = [code or link for code, link in NAMED.findall(text)]
    paths = {name for name in names if Path(name).suffix in ENDINGS or name.endswith("/")}
    # What begins at the root is a path of the API.
    return sorted(path for path in paths if not path.startswith("/"))


def missing(names: list[str]) -> list[str]:
    """A chapter on a folder may leave out where that folder is."""
    ends = [f"/{name}" for name in files()]
    return [name for name in names if not any(end.endswith(f"/{name}") for end in ends)]


def test_no_module_is_long() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in own_modules()}

    assert len(lengths) > 100
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_folder_is_full() -> None:
    modules = Counter(str(path.parent) for path in own_modules() if path.name != "__init__.py")

    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}


CHAPTERS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "architecture").glob("*.md"))


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", *CHAPTERS])
def test_each_file_that_a_document_names_is_there(document: str) -> None:
    names = named_files((ROOT / document).read_text())

    assert names
    assert missing(names) == []


def test_a_name_is_told_from_other_words() -> None:
    text = "`accounts/limits.py`, [how](CONTRIBUTING.md#tests), `tasks/lists/`, "
    text += "`user_id`, `GET /api`, `/admin/`, `1.5`, `a.b`"

    assert named_files(text) == ["CONTRIBUTING.md", "accounts/limits.py", "tasks/lists/"]
    assert missing(["accounts/limits.py", "limits.py", "lists/", "mits.py", "windows.py"]) == ["mits.py", "windows.py"]


def test_each_reason_names_the_file_that_keeps_it() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    parts = [text.partition("## Why it is so")[2].partition("\n## ")[0]]
    parts += [(ROOT / chapter).read_text() for chapter in CHAPTERS]
    reasons = [reason for part in parts for reason in part.split("\n- ")[1:]]

    assert len(reasons) > 50
    assert [reason for reason in reasons if not named_files(reason)] == []
    assert len(text.splitlines()) <= MOST_LINES
