"""What a model says it has done, and has not: the service says so in the same answer."""

import uuid
from collections.abc import Callable

import pytest

from assistant.providers.base import Prompt, Reply
from assistant.services import run_turn
from assistant.tests.chat_facts import Say, titles
from assistant.tools.plans import Change
from assistant.tools.results import Step
from assistant.turn.beginnings import Said
from assistant.turn.claims import NOT_DONE, correction
from assistant.turn.endings import UNFINISHED
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


@pytest.mark.parametrize(
    ("report", "claim"),
    [
        ("anthropics/claude-code#3238", "I've added “Buy milk” to your list."),
        ("langgenius/dify#40671", "I have successfully created the task."),
        ("anthropics/claude-code#95319", "Done."),
        ("NorthlandPositronics/Cogtrix#1873", "The task has been deleted as requested."),
        ("NickMonrad/kernel-ai-assistant#487", "OK — I just marked it as done."),
        ("sonichi/sutando#2061", "All done! Anything else?"),
        ("", "“Buy milk” is now due on Friday."),
        ("", "Added “Buy milk”."),
        ("", "Ich habe „Milch kaufen“ hinzugefügt."),
        ("", "He añadido la tarea."),
        ("", "J'ai supprimé la tâche."),
        ("", "Maine task add kar diya hai."),
    ],
)
def test_success_without_a_call_is_corrected(
    alice: Caller, say: Say, model_server: ModelServer, report: str, claim: str
) -> None:
    model_server.script(says(claim), says("Sorry."))

    answer = say(alice, "Add buy milk")
    again = say(alice, "Did you?", conversation_id=answer.json["conversation_id"])

    assert answer.json["response"] == f"{claim}\n\n{NOT_DONE}", report
    assert titles(alice) == []
    # And the model is told.
    assert NOT_DONE in model_server.requests[-1].messages[-2]["content"]
    assert again.json["response"] == "Sorry."


@pytest.mark.parametrize(
    "text",
    [
        "Should I mark it as done?",
        "Nothing has been changed.",
        "I could not add it: which day is it due?",
        "You have completed three tasks this week.",
        "No task was deleted, and none has been added.",
        "Once I have added it, you will see it in the list.",
        "What would you like to have done today?",
        "It is due on Friday.",
        "Say yes, and the task goes.",
    ],
)
def test_what_claims_nothing_is_left_alone(text: str) -> None:
    assert correction(text, ()) == ""


def test_a_claim_beside_a_change_needs_no_words() -> None:
    change = Change("complete_task", uuid.uuid4(), "Pay rent")

    assert correction("I've completed it.", [Step("complete_task", {}, {}, change)]) == ""
    assert correction("I've completed it.", [Step("complete_task", {}, {})]) == NOT_DONE


def test_success_that_failed_is_corrected(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("complete_task", {"task": "no such"})), says("I've completed it."))
    assert say(alice, "Complete the report").json["response"].endswith(NOT_DONE)


def test_what_was_done_is_not_corrected(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Pay rent", completed=True)
    model_server.script(calls(("complete_task", {"task": "rent"})), says("I've completed it."))
    assert say(alice, "Complete the rent").json["response"] == "I've completed it."
    model_server.script(calls(("delete_task", {"task": "rent"})), says("Deleted."))
    assert NOT_DONE not in say(alice, "Tidy up").json["response"]


def test_who_only_asks_is_told_what_was_done_before(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(says("I've added “Buy milk” this morning."))
    assert say(alice, "Show my tasks").json["response"] == "I've added “Buy milk” this morning."


def test_a_turn_without_an_end_is_told_of_once(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.always = calls(("list_tasks", {}), text="I've added it.")

    told = say(alice, "Add tea").json["response"]

    assert told.endswith(UNFINISHED)
    assert NOT_DONE not in told


def test_a_title_that_the_built_in_one_tells_of_is_no_claim(
    alice: Caller, say: Say, make_task: Callable[..., Task]
) -> None:
    for name in ("Ada", "Bob"):
        make_task(alice, f"Tell {name} that I have moved")

    told = say(alice, "complete tell").json["response"]

    assert "Tell Ada that I have moved" in told
    assert NOT_DONE not in told


class Silent:
    """A provider that says nothing."""

    name = "silent"
    is_remote = False
    turn_seconds = 50.0

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        return Reply("", (), {"role": "assistant", "content": ""})


def test_an_answer_is_never_empty(alice: Caller) -> None:
    assert run_turn(alice.user, Said("Add tea"), Silent()).response == "Done."
