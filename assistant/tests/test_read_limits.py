from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from assistant.tools.arguments import read_limit, read_reference

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("sent", "limit"), [({}, 20), ({"limit": None}, 20), ({"limit": 1}, 1), ({"limit": 50}, 50)])
def test_a_limit_is_a_whole_number_up_to_fifty(sent: dict[str, Any], limit: int) -> None:
    assert read_limit(sent) == limit


@pytest.mark.parametrize("limit", [0, 51, -1, True, False, "5", 5.0, [5]])
def test_any_other_limit_is_refused(limit: object) -> None:
    with pytest.raises(ValidationError) as refused:
        read_limit({"limit": limit})

    assert list(refused.value.detail) == ["limit"]


@pytest.mark.parametrize(("sent", "reference"), [("milk", "milk"), (2, "2"), (" ", " ")])
def test_a_task_is_named_by_text_or_number(sent: object, reference: str) -> None:
    assert read_reference({"task": sent}) == reference


@pytest.mark.parametrize("sent", [None, "", True, 1.5, ["milk"]])
def test_what_names_no_task_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        read_reference({"task": sent})
