"""docs/frontends.md claims nothing that no test shows."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from todo_project.env.values import BASE_DIR
from todo_project.family.presets import NEEDED, PRESETS

pytestmark = pytest.mark.once

PAGE: Final = (BASE_DIR / "docs/frontends.md").read_text()
TEST: Final = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
SETTING: Final = re.compile(r"`([A-Z_]+=[^`]+)`")


def tables() -> Iterator[tuple[str, list[list[str]]]]:
    """The first header of each table, and its rows."""
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        header, _, *rows = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()
        ]
        yield header[0], rows


ROWS: Final = [(header, row) for header, rows in tables() for row in rows]
CLAIMS: Final = [row for header, row in ROWS if header != "page"]
TRIED: Final = [row for header, row in ROWS if header == "page"]


def functions_of(file: str) -> set[str]:
    tree = ast.parse((BASE_DIR / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row[0])
def test_every_row_names_a_test_that_there_is(row: list[str]) -> None:
    found = TEST.fullmatch(row[-1])

    assert found, row
    assert found[2] in functions_of(found[1])


def test_every_test_module_of_the_family_is_claimed_by_a_row() -> None:
    named = {found[1] for row in CLAIMS if (found := TEST.fullmatch(row[-1]))}
    modules = (BASE_DIR / "todo_project/family/tests").glob("test_*.py")

    # The doctor claims nothing of a frontend by itself.
    assert {str(path.relative_to(BASE_DIR)) for path in modules} - named == {
        "todo_project/family/tests/test_examine_frontends.py"
    }


def test_each_value_sets_what_its_row_says() -> None:
    rows = next(rows for header, rows in tables() if header == "`COMPATIBLE_WITH`")

    assert [row[0].strip("`") for row in rows] == list(PRESETS)
    for row in rows:
        chosen = row[0].strip("`")
        assert SETTING.findall(row[2]) == [f"{name}={value}" for name, value in PRESETS[chosen].items()]
        assert (NEEDED.get(chosen, "nothing") in row[2]) == (chosen in NEEDED or not PRESETS[chosen])


@pytest.mark.parametrize("row", TRIED, ids=lambda row: row[0])
def test_the_steps_of_each_frontend_are_those_of_its_page(row: list[str]) -> None:
    page = (BASE_DIR / f"e2e/frontends/pages/{row[0].strip('`')}.js").read_text()

    assert row[1].split(", ") == re.findall(r'^  "([^"]+)":', page, re.MULTILINE)


def test_every_page_is_in_the_table() -> None:
    pages = {path.stem for path in (BASE_DIR / "e2e/frontends/pages").glob("?.js")}

    assert {row[0].strip("`") for row in TRIED} == pages
