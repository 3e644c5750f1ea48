"""What the person is told that a change would do, before they say yes to it."""

from collections.abc import Callable
from typing import Any

import pytest

from assistant.tests.chat_facts import Say
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"priority": "high", "clear": ["due_at"]}, "(priority: high; no due at)"),
        ({"tags": []}, "(no tags)"),
        ({"tags": ["home", "bank"]}, "(tags: home, bank)"),
        ({"clear": ["description"]}, "(no description)"),
    ],
)
def test_an_update_is_told_with_all_it_sets(
    alice: Caller,
    say: Say,
    model_server: ModelServer,
    make_task: Callable[..., Task],
    fields: dict[str, Any],
    told: str,
) -> None:
    make_task(alice, "Pay rent", tags=["old"])
    model_server.script(calls(("update_task", {"task": "Pay rent", **fields})), says("Shall I?"))

    action = say(alice, "Show my tasks").json["pending_action"]

    assert action["summary"] == f"This would change \u201cPay rent\u201d {told}."


def test_what_sets_nothing_is_told_without_details(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Pay rent")
    made = [("complete_task", {"task": "Pay rent"}), ("add_task", {"title": "Tea", "priority": "high"})]
    model_server.script(calls(*made), says("Shall I?"))

    summary = say(alice, "Show my tasks").json["pending_action"]["summary"]

    assert "complete \u201cPay rent\u201d" in summary
    assert "add \u201cTea\u201d" in summary
    assert "priority" not in summary
