from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from assistant import pruning
from assistant.models import Conversation, PendingAction, TokenUse
from core.ids import uuid7
from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("sweeps over all owners")]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def make_action(owner: Caller, number: int, expires_at: datetime) -> None:
    Conversation.objects.create(user_id=owner.id, id=number, title="x", created_at=NOW, updated_at=NOW)
    PendingAction.objects.create(
        user_id=owner.id, id=uuid7(NOW), conversation_id=number, changes=[], summary="x", created_at=NOW,
        expires_at=expires_at,
    )  # fmt: skip


def test_actions_go_a_day_after_they_expired(alice: Caller, bob: Caller) -> None:
    make_action(alice, 1, NOW + SECOND)
    make_action(alice, 2, NOW - DAY + SECOND)
    make_action(alice, 3, NOW - DAY - SECOND)
    make_action(bob, 3, NOW - 9 * DAY)

    assert pruning.prune(NOW)["pending actions"] == 2

    kept = PendingAction.objects.order_by("conversation_id").values_list("user_id", "conversation_id")
    assert list(kept) == [(alice.id, 1), (alice.id, 2)]
    assert Conversation.objects.count() == 4


def test_token_counts_go_when_no_day_needs_them(alice: Caller, bob: Caller) -> None:
    for day in range(28, 32):
        TokenUse.objects.create(user_id=alice.id, day=date(2026, 5, day), tokens=1)
    TokenUse.objects.create(user_id=bob.id, day=NOW.date(), tokens=1)

    assert pruning.prune(NOW)["token counts"] == 2

    assert {row.day.day for row in TokenUse.objects.all()} == {30, 31, 1}
    assert pruning.prune(NOW) == {"pending actions": 0, "token counts": 0}


def test_the_command_tells_of_both(alice: Caller) -> None:
    make_action(alice, 1, NOW - 900 * DAY)
    out = StringIO()

    call_command("prune", stdout=out)

    assert {"pending actions: 1 deleted", "token counts: 0 deleted"} <= set(out.getvalue().splitlines())
