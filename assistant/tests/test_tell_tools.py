"""What a model is told that the tools take."""

from typing import Any

import pytest

from assistant.tools import definitions

pytestmark = pytest.mark.once


def properties(tool: str) -> Any:
    [found] = [each["function"] for each in definitions.TOOLS if each["function"]["name"] == tool]
    return found["parameters"]["properties"]


def test_a_limit_is_told_with_its_bounds_and_what_it_is_without() -> None:
    limit = {"type": "integer", "minimum": 1, "maximum": 50, "description": "20."}

    assert properties("list_tasks")["limit"] == properties("search_tasks")["limit"] == limit


@pytest.mark.parametrize("tool", ["add_task", "update_task"])
def test_texts_and_tags_are_told_with_their_bounds(tool: str) -> None:
    told = properties(tool)

    assert told["title"] == {"type": "string", "minLength": 1, "maxLength": 200}
    assert told["description"] == {"type": "string", "maxLength": 1000}
    assert told["tags"]["items"] == {"type": "string", "minLength": 1, "maxLength": 50}
    assert told["tags"]["maxItems"] == 20
