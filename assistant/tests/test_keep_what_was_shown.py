from collections.abc import Callable

import pytest

from assistant.models import Message
from assistant.tests.chat_facts import Say
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

LONG = "d" * 1000


@pytest.fixture
def long_tasks(alice: Caller, make_task: Callable[..., Task]) -> None:
    for _ in range(30):
        make_task(alice, description=LONG)


def kept(caller: Caller) -> Message:
    return Message.objects.filter(user_id=caller.id, role="assistant").get()


def test_a_list_is_kept_without_descriptions(alice: Caller, say: Say, long_tasks: None) -> None:
    answer = say(alice, "List all tasks")

    told = answer.json["tool_calls"][0]["result"]["tasks"]
    assert {task["description"] for task in told} == {LONG}
    [call] = kept(alice).tool_calls
    shown = [{name: value for name, value in task.items() if name != "description"} for task in told]
    assert call["result"]["tasks"] == shown
    conversation = alice.get(f"/api/{alice.id}/conversations/{answer.json['conversation_id']}").json
    assert conversation["messages"][-1]["tool_calls"][0]["result"]["tasks"] == shown


def test_a_model_is_shown_them_in_its_turn_and_not_later(
    alice: Caller, say: Say, long_tasks: None, model_server: ModelServer
) -> None:
    model_server.script(calls(("list_tasks", {})), says("Here they are."))

    assert say(alice, "List all tasks").status == 200

    assert LONG in str(model_server.requests[-1])
    message = kept(alice)
    assert message.exchange
    assert LONG not in str(message.exchange)
