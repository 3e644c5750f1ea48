import pytest
from rest_framework.exceptions import ValidationError

from assistant.tools.arguments import read_reference

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("sent", "reference"), [("milk", "milk"), (2, "2"), (" ", " ")])
def test_a_task_is_named_by_text_or_number(sent: object, reference: str) -> None:
    assert read_reference({"task": sent}) == reference


@pytest.mark.parametrize("sent", [None, "", True, 1.5, ["milk"]])
def test_what_names_no_task_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        read_reference({"task": sent})
