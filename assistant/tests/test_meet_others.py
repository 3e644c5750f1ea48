"""What others do while the model thinks."""

from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.models import User
from assistant import services as assistant
from assistant.models import Conversation, Message
from assistant.providers.choosing import configured
from assistant.services import run_turn
from assistant.streams import HungUp
from assistant.tests.chat_facts import Say, error, messages, tasks, titles
from assistant.tests.slow_model import Background, Gate, meanwhile
from assistant.tools.results import Step
from assistant.turn.beginnings import Said
from tasks import services
from tasks.models import Task
from testing.callers import Caller
from testing.databases import wait_for_waiters
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Make = Callable[..., Task]


@pytest.mark.django_db(transaction=True)
def test_a_task_deleted_while_the_model_thinks_is_told_of_and_the_rest_is_done(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    rent = make_task(alice, "Pay rent")
    model_server.script(
        calls(("complete_task", {"task": "rent"}), ("add_task", {"title": "Tea"})),
        meanwhile(lambda: services.delete_task(alice.id, rent.id), says("Both done.")),
    )

    answer = say(alice, "I paid the rent; add tea")

    assert titles(alice) == ["Tea"]
    assert [error(answer, number) for number in (0, 1)] == ["task_not_found", None]
    assert "\u201cPay rent\u201d was left as it is" in answer.json["response"]


@pytest.mark.django_db(transaction=True)
def test_a_task_changed_while_the_model_thinks_is_not_deleted(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    rent = make_task(alice, "Pay rent")
    model_server.script(
        calls(("delete_task", {"task": "rent"})),
        meanwhile(lambda: services.edit_task(alice.id, rent.id, {"title": "Pay rent twice"}), says("Deleted.")),
    )

    answer = say(alice, "delete 'Pay rent'")

    assert error(answer) == "precondition_failed"
    assert titles(alice) == ["Pay rent twice"]


@pytest.mark.django_db(transaction=True)
def test_a_conversation_deleted_while_the_model_thinks_is_404_and_nothing_has_changed(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    def delete() -> None:
        assistant.delete_conversation(alice.user, Conversation.objects.get(user_id=alice.id).id)

    model_server.script(calls(("add_task", {"title": "Tea"})), meanwhile(delete, says("Done.")))

    assert say(alice, "Add tea").is_problem(404, "conversation_not_found")

    assert titles(alice) == []
    assert not Message.objects.filter(user_id=alice.id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last", [False, True])
def test_an_account_deleted_while_the_model_thinks_is_401_and_nothing_is_left(
    alice: Caller, say: Say, model_server: ModelServer, last: bool
) -> None:
    def delete() -> None:
        User.objects.get(id=alice.id).delete()

    answers = [calls(("add_task", {"title": "Tea"})), calls(("list_tasks", {})), says("Done.")]
    model_server.script(answers[0] if last else meanwhile(delete, answers[0]))
    model_server.script(meanwhile(delete, answers[2]) if last else answers[1])
    model_server.always = says("Done.")

    assert say(alice, "Add tea").is_problem(401)

    assert titles(alice) == []
    assert messages(alice) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_message_to_a_conversation_that_is_just_being_deleted_is_404(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.always = says("Hello.")
    number = say(alice, "Hi").json["conversation_id"]

    with transaction.atomic():
        assistant.delete_conversation(alice.user, number)
        speaking = Background(lambda: say(alice, "Still there?", conversation_id=number))
        wait_for_waiters(1)

    assert speaking.outcome().is_problem(404, "conversation_not_found")
    assert messages(alice) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_changes_wait_for_others_and_nobody_for_ever(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    first, second = make_task(alice, "First"), make_task(alice, "Second")
    wanted = [("complete_task", {"task": str(task.id)}) for task in (second, first)]
    gate = Gate(says("Done."))
    model_server.script(calls(*wanted), gate)
    speaking = Background(lambda: say(alice, "I finished both"))
    gate.wait()

    with transaction.atomic():
        services.lock_tasks(alice.id, [first.id])
        gate.open()
        wait_for_waiters(1)
        # As every change of several tasks takes them: in the order of their ids.
        services.lock_tasks(alice.id, [second.id])

    assert speaking.outcome().status == 200
    assert [task.completed for task in tasks(alice)] == [True, True]


def test_who_hangs_up_at_the_last_moment_has_nothing_changed(alice: Caller, model_server: ModelServer) -> None:
    class Leaving:
        """Hears all that is said, and is gone before it is done."""

        def hear(self, text: str) -> None:
            # The turn's last look, when all of it is written and nothing is committed.
            if messages(alice)[-1][0] == "assistant":
                raise HungUp

        def watch(self, step: Step) -> None:
            raise AssertionError("a change that was told of before it was made")

    model_server.script(calls(("add_task", {"title": "Tea"})), says("Added."))
    provider = configured()
    assert provider

    with pytest.raises(HungUp):
        run_turn(alice.user, Said("Add tea"), provider, audience=Leaving())

    assert titles(alice) == []
    assert messages(alice) == [("user", "Add tea")]
