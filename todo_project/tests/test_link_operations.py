"""The links of ``openapi.json``: what an answer leads on to is an operation that takes what the link gives it."""

import json
from typing import Any

import pytest

from testing.service import ROOT
from todo_project.schema_links import LINKS, UNDOABLE

pytestmark = pytest.mark.once


def operations() -> dict[str, Any]:
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    return {operation["operationId"]: operation for each in paths.values() for operation in each.values()}


def links(operation: Any) -> dict[str, Any]:
    return {name: link for answer in operation["responses"].values() for name, link in answer.get("links", {}).items()}


def test_each_link_that_is_declared_is_in_the_document() -> None:
    known = operations()
    declared = {(source, target) for source, *_, targets in LINKS for target in targets}
    declared |= {(source, "undo") for source in UNDOABLE}

    assert {(source, target) for source, target in declared if target not in links(known[source])} == set()
    assert {"tasks_retrieve_own", "tasks_toggle_own"} <= set(links(known["tasks_create_own"]))


def test_each_link_gives_what_its_operation_needs() -> None:
    known = operations()
    found = [(target, link) for operation in known.values() for target, link in links(operation).items()]

    assert len(found) > 25
    for target, link in found:
        needed = {each["name"] for each in known[target]["parameters"] if each["in"] == "path"}
        assert (link["operationId"], set(link["parameters"])) == (target, needed)
