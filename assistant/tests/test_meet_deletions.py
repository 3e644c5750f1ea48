"""An account goes while its owner is in the middle of something: neither waits for the other for ever."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial

import pytest
from django.db import transaction

from accounts.models import User
from accounts.services import delete_account
from assistant.models import Conversation, Role
from assistant.tests.chat_facts import Say
from assistant.tests.slow_model import Background
from assistant.turn.history import count_messages, keep_message
from tasks import services
from tasks.models import Task
from tasks.statements import delete_tasks
from tasks.tests.bulks import bulk, op
from testing.callers import CLIENT, Caller, in_parallel
from testing.databases import wait_for_waiters

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

Make = Callable[..., Task]
NEW = op("create", title="New")


def deletion(owner: Caller) -> Background[bool]:
    def delete() -> bool:
        delete_account(owner.user, client=CLIENT)
        return True

    # Their rows are open, as in the request of who deletes their own.
    return Background(partial(copy_context().run, delete))


def is_gone(owner: Caller) -> bool:
    return not User.objects.filter(id=owner.id).exists() and not Task.objects.filter(user_id=owner.id).exists()


def test_a_bulk_that_holds_tasks_and_wants_room_goes_first(alice: Caller, make_task: Make) -> None:
    task = make_task(alice)
    with transaction.atomic():
        services.lock_tasks(alice.id, [task.id])
        going = deletion(alice)
        wait_for_waiters(1)
        # Both want the row of the quota.
        services.create_tasks(alice.id, [{"title": "New"}])
        delete_tasks(alice.id, [task.id])

    assert going.outcome()
    assert is_gone(alice)


def test_a_turn_that_holds_its_conversation_and_keeps_what_is_said_goes_first(alice: Caller, say: Say) -> None:
    number = say(alice, "Add task: Buy milk").json["conversation_id"]
    with transaction.atomic():
        count_messages(alice.id, number, 1)
        going = deletion(alice)
        wait_for_waiters(1)
        # At the end of the transaction it wants the account.
        keep_message(Conversation.objects.get(user_id=alice.id, id=number), Role.PERSON, "Hello?")

    assert going.outcome()
    assert is_gone(alice)


@pytest.mark.parametrize("attempt", range(3))
def test_bulks_and_deletions_at_once_are_done_or_come_too_late(alice: Caller, make_task: Make, attempt: int) -> None:
    tasks = [make_task(alice) for _ in range(40)]

    def send(start: int) -> int:
        return bulk(alice, *[op("delete", task) for task in tasks[start::4]], *[NEW] * 10).status

    def delete() -> int:
        delete_account(alice.user, client=CLIENT)
        return 204

    calls: list[Callable[[], int]] = [partial(send, start) for start in range(4)]
    statuses = in_parallel([*calls, delete])

    assert statuses[-1] == 204
    # A bulk that waited for its tasks finds them gone.
    assert set(statuses[:-1]) <= {200, 401, 422}, statuses
    assert is_gone(alice)
