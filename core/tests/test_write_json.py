from types import SimpleNamespace
from typing import Any

import pytest

from core.rest.json import JSONRenderer


@pytest.mark.parametrize(("data", "body"), [(None, b""), ({}, b"{}"), ({"a": [1, None, True]}, b'{"a":[1,null,true]}')])
def test_nothing_is_no_body_and_all_else_is_json(data: Any, body: bytes) -> None:
    assert JSONRenderer().render(data) == body


def test_what_was_written_is_kept_by_nobody() -> None:
    """An answer that its view and its own context hold stays in memory until the garbage collector comes by."""
    view = SimpleNamespace(response=object())
    context = {"view": view, "response": view.response}

    JSONRenderer().render({}, renderer_context=context)

    assert view.response is None
    assert context == {}


def test_what_no_view_asked_for_is_written_too() -> None:
    assert JSONRenderer().render({}, renderer_context={"view": None}) == b"{}"
