"""What waits for a yes: ``pending_action``, the next message, and ``confirm``."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assistant.models import Conversation, PendingAction
from assistant.services import Decision, decide
from assistant.tests.chat_facts import TURN, Say, messages, titles
from assistant.tools.results import Step
from tasks import services
from tasks.models import Task
from testing.callers import Answer, Caller, in_parallel
from testing.model_answers import calls, says
from testing.model_server import ModelServer

MINUTE = timedelta(minutes=1)


class Follower:
    """An audience that remembers."""

    def __init__(self) -> None:
        self.heard = ""
        self.watched: list[Step] = []

    def hear(self, text: str) -> None:
        self.heard += text

    def watch(self, step: Step) -> None:
        self.watched.append(step)


@pytest.fixture
def two(alice: Caller, make_task: Callable[..., Task]) -> list[Task]:
    return [make_task(alice, "Pay rent"), make_task(alice, "Call mum")]


@pytest.fixture
def waiting(alice: Caller, say: Say, model_server: ModelServer, two: list[Task]) -> Any:
    """The body of the answer that asks whether to delete both."""
    model_server.script(calls(*(("delete_task", {"task": str(task.id)}) for task in two)), says("Shall I?"))
    answer = say(alice, "Tidy up")
    assert answer.json["pending_action"], answer
    return answer.json


def confirm(caller: Caller, waiting: Any, *, owner: Caller | None = None, body: Any = None) -> Answer:
    path = f"/api/{(owner or caller).id}/conversations/{waiting['conversation_id']}/confirm"
    return caller.post(path, {"action_id": waiting["pending_action"]["id"]} if body is None else body)


def shown(caller: Caller, waiting: Any) -> Any:
    return caller.get(f"/api/{caller.id}/conversations/{waiting['conversation_id']}").json["pending_action"]


def test_it_is_told_and_shown_with_its_end(alice: Caller, waiting: Any) -> None:
    action = waiting["pending_action"]

    assert set(action) == {"id", "summary", "expires_at"}
    assert action["summary"] == "This would delete \u201cPay rent\u201d, \u201cCall mum\u201d."
    assert waiting["response"].startswith(f"Shall I?\n\n{action['summary']}")
    left = PendingAction.objects.get(user_id=alice.id).expires_at - timezone.now()
    assert 9 * MINUTE < left <= 10 * MINUTE
    assert shown(alice, waiting) == action
    assert titles(alice) == ["Pay rent", "Call mum"]


@pytest.mark.parametrize("yes", ["yes", "Yes!", " YES, please. ", "ok", "Go ahead", "do it"])
def test_a_yes_runs_it_without_the_model(
    alice: Caller, say: Say, model_server: ModelServer, waiting: Any, yes: str
) -> None:
    answer = say(alice, yes, conversation_id=waiting["conversation_id"])

    assert titles(alice) == []
    assert answer.json["response"] == "Deleted \u201cPay rent\u201d, \u201cCall mum\u201d."
    assert [call["tool"] for call in answer.json["tool_calls"]] == ["delete_task"] * 2
    assert all("error" not in call["result"] for call in answer.json["tool_calls"])
    assert answer.json["pending_action"] is None
    assert shown(alice, waiting) is None
    assert len(model_server.requests) == 2
    assert [content for role, content in messages(alice) if role == "user"] == ["Tidy up", yes.strip()]


@pytest.mark.parametrize(("chosen", "left"), [(None, []), ({0}, ["Call mum"]), ({1}, ["Pay rent"]), ({0, 1}, [])])
def test_of_several_changes_those_that_are_chosen_run(
    alice: Caller, waiting: Any, chosen: set[int] | None, left: list[str]
) -> None:
    conversation = Conversation.objects.get(user_id=alice.id, id=waiting["conversation_id"])
    action_id = uuid.UUID(waiting["pending_action"]["id"])
    numbers = None if chosen is None else frozenset(chosen)

    follower = Follower()

    turn = decide(alice.user, conversation, Decision(action_id, numbers), follower)

    assert titles(alice) == left
    assert (follower.heard, follower.watched) == (turn.response, turn.steps)
    assert len(turn.steps) == 2 - len(left)
    assert shown(alice, waiting) is None
    assert decide(alice.user, conversation, Decision(action_id)).steps == []


@pytest.mark.parametrize("no", ["no", "No, thanks!", "cancel", "don\u2019t"])
def test_a_no_cancels_it_without_the_model(
    alice: Caller, say: Say, model_server: ModelServer, waiting: Any, no: str
) -> None:
    answer = say(alice, no, conversation_id=waiting["conversation_id"])

    assert titles(alice) == ["Pay rent", "Call mum"]
    assert answer.json["response"] == "All right, nothing was changed."
    assert len(model_server.requests) == 2
    assert confirm(alice, waiting).is_problem(404, "action_not_found")


@pytest.mark.parametrize("other", ["yes but not the rent", "What is due?", "yes no", "y e s", "no yes", "delete them"])
def test_anything_else_cancels_it(alice: Caller, say: Say, model_server: ModelServer, waiting: Any, other: str) -> None:
    model_server.script(says("Hm."))

    answer = say(alice, other, conversation_id=waiting["conversation_id"])

    assert answer.json["response"] == "Hm."
    assert answer.json["pending_action"] is shown(alice, waiting) is None
    assert confirm(alice, waiting).is_problem(404, "action_not_found")
    assert titles(alice) == ["Pay rent", "Call mum"]


def test_a_message_that_fails_cancels_it_too(alice: Caller, say: Say, model_server: ModelServer, waiting: Any) -> None:
    model_server.script(calls(("nothing", "{}")), says(""))
    model_server.always = says("")

    assert say(alice, "Hm", conversation_id=waiting["conversation_id"]).is_problem(502)

    assert confirm(alice, waiting).is_problem(404, "action_not_found")


def test_a_yes_in_another_conversation_is_none(
    alice: Caller, say: Say, model_server: ModelServer, waiting: Any
) -> None:
    model_server.script(says("Yes what?"))

    say(alice, "yes")

    assert titles(alice) == ["Pay rent", "Call mum"]
    assert shown(alice, waiting) == waiting["pending_action"]


def test_confirm_runs_it_and_the_conversation_tells(alice: Caller, waiting: Any) -> None:
    answer = confirm(alice, waiting)

    assert answer.status == 200
    assert set(answer.json) == TURN
    assert answer.json["response"] == "Deleted \u201cPay rent\u201d, \u201cCall mum\u201d."
    assert titles(alice) == []
    assert messages(alice)[2:] == [("user", "Yes."), ("assistant", answer.json["response"])]
    assert shown(alice, waiting) is None


def test_confirm_refuses_another_user_and_anonymous(
    alice: Caller, bob: Caller, anonymous: Caller, waiting: Any
) -> None:
    assert confirm(bob, waiting, owner=alice).is_problem(403, "forbidden")
    assert confirm(bob, waiting).is_problem(404, "conversation_not_found")
    assert confirm(anonymous, waiting, owner=alice).is_problem(401)

    assert titles(alice) == ["Pay rent", "Call mum"]
    assert shown(alice, waiting) == waiting["pending_action"]


@pytest.mark.parametrize("body", [{}, {"action_id": None}, {"action_id": "x"}, {"action_id": 5}, {"action_id": [1]}])
def test_confirm_wants_an_id(alice: Caller, waiting: Any, body: Any) -> None:
    answer = confirm(alice, waiting, body=body)

    assert answer.is_problem(422, "invalid"), answer
    assert answer.json["errors"][0]["field"] == "action_id"
    assert shown(alice, waiting) == waiting["pending_action"]


def test_an_unknown_action_is_404_and_nothing_is_said(alice: Caller, waiting: Any) -> None:
    assert confirm(alice, waiting, body={"action_id": str(uuid.uuid4())}).is_problem(404, "action_not_found")

    assert len(messages(alice)) == 2
    assert shown(alice, waiting) == waiting["pending_action"]


def test_an_action_belongs_to_its_conversation(
    alice: Caller, say: Say, model_server: ModelServer, waiting: Any
) -> None:
    model_server.script(says("Hello."))
    other = {**waiting, "conversation_id": say(alice, "Hi").json["conversation_id"]}

    assert confirm(alice, other).is_problem(404, "action_not_found")
    assert confirm(alice, {**waiting, "conversation_id": 7}).is_problem(404, "conversation_not_found")
    assert confirm(alice, {**waiting, "conversation_id": "seven"}).is_problem(404, "conversation_not_found")

    assert titles(alice) == ["Pay rent", "Call mum"]


def test_an_action_runs_once(alice: Caller, say: Say, model_server: ModelServer, waiting: Any) -> None:
    assert confirm(alice, waiting).status == 200
    assert confirm(alice, waiting).is_problem(404, "action_not_found")

    # And a yes to nothing goes to the model.
    model_server.script(says("To what?"))
    assert say(alice, "yes", conversation_id=waiting["conversation_id"]).json["response"] == "To what?"


def test_an_expired_action_does_not_run(alice: Caller, say: Say, waiting: Any) -> None:
    PendingAction.objects.filter(user_id=alice.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert shown(alice, waiting) is None
    assert confirm(alice, waiting).is_problem(404, "action_not_found")
    answer = say(alice, "yes", conversation_id=waiting["conversation_id"])

    assert "too long" in answer.json["response"]
    assert titles(alice) == ["Pay rent", "Call mum"]


@pytest.mark.parametrize("is_said", [False, True])
def test_a_task_that_changed_meanwhile_is_left_alone_and_that_is_said(
    alice: Caller, say: Say, two: list[Task], waiting: Any, is_said: bool
) -> None:
    services.edit_task(alice.id, two[0].id, {"priority": 3})

    answer = say(alice, "yes", conversation_id=waiting["conversation_id"]) if is_said else confirm(alice, waiting)

    assert titles(alice) == ["Pay rent"]
    lines = answer.json["response"].splitlines()
    assert lines[0] == "Deleted \u201cCall mum\u201d."
    assert lines[1].startswith("\u201cPay rent\u201d was left as it is:")
    codes = [call["result"].get("error", {}).get("code") for call in answer.json["tool_calls"]]
    assert codes == ["precondition_failed", None]


def test_a_task_deleted_meanwhile_is_told_of(alice: Caller, two: list[Task], waiting: Any) -> None:
    for task in two:
        services.delete_task(alice.id, task.id)

    answer = confirm(alice, waiting)

    assert answer.status == 200
    assert [call["result"]["error"]["code"] for call in answer.json["tool_calls"]] == ["task_not_found"] * 2


def test_a_new_action_replaces_the_old(
    alice: Caller, say: Say, model_server: ModelServer, two: list[Task], waiting: Any
) -> None:
    model_server.script(calls(("delete_task", {"task": "Call mum"})), says("That one?"))

    second = say(alice, "Only one of them", conversation_id=waiting["conversation_id"]).json

    assert second["pending_action"]["id"] != waiting["pending_action"]["id"]
    assert shown(alice, waiting) == second["pending_action"]
    assert confirm(alice, waiting).is_problem(404, "action_not_found")
    assert confirm(alice, second).status == 200
    assert titles(alice) == ["Pay rent"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_yes_at_once_run_it_once(alice: Caller, say: Say, model_server: ModelServer, waiting: Any) -> None:
    number = waiting["conversation_id"]
    ways: list[Callable[[], Answer]] = [
        lambda: confirm(alice, waiting),
        lambda: say(alice, "yes", conversation_id=number),
    ]

    # What comes too late to be a yes goes to the model.
    model_server.always = says("To what?")
    answers = in_parallel(ways * 2)

    ran = [answer for answer in answers if answer.status == 200 and answer.json["tool_calls"]]
    assert len(ran) == 1
    assert {answer.status for answer in answers} <= {200, 404}
    assert sum(content.startswith("Deleted") for _, content in messages(alice)) == 1
    assert titles(alice) == []
