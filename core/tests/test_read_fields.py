from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from core.rest.fields import ChoiceField


@pytest.mark.parametrize("word", ["low", "high"])
def test_a_word_of_the_list_is_taken(word: str) -> None:
    assert ChoiceField(["low", "high"]).run_validation(word) == word


@pytest.mark.parametrize("value", ["medium", "LOW", "", 1, True, ["low"], {"low": 1}, "\ud800"])
def test_anything_else_is_refused_with_the_words_and_not_its_own(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        ChoiceField(["low", "high"]).run_validation(value)

    assert [str(detail) for detail in refused.value.detail] == ["Must be one of low, high."]
