"""More than five tasks that exist are never changed unasked, however well the message names them."""

from collections.abc import Callable

import pytest

from assistant.tests.chat_facts import Say, titles
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

NAMES = [f"Task {letter}" for letter in "abcdef"]


def delete(names: list[str]) -> str:
    return ", ".join(f"delete '{name}'" for name in names)


def test_five_deletions_that_the_message_names_run_at_once(
    alice: Caller, say: Say, make_task: Callable[..., Task]
) -> None:
    for name in NAMES:
        make_task(alice, name)

    answer = say(alice, delete(NAMES[:5]))

    assert answer.json["pending_action"] is None
    assert titles(alice) == NAMES[5:]


@pytest.mark.parametrize("by_model", [False, True])
def test_six_wait_though_the_message_names_each(
    alice: Caller, say: Say, make_task: Callable[..., Task], by_model: bool, request: pytest.FixtureRequest
) -> None:
    for name in NAMES:
        make_task(alice, name)
    if by_model:
        model_server: ModelServer = request.getfixturevalue("model_server")
        model_server.script(calls(*(("delete_task", {"task": name}) for name in NAMES)), says("Done."))

    answer = say(alice, delete(NAMES))

    assert all(name in answer.json["pending_action"]["summary"] for name in NAMES)
    assert titles(alice) == NAMES

    say(alice, "yes", conversation_id=answer.json["conversation_id"])

    assert titles(alice) == []
