from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import limits, pruning
from accounts.models import AuthEvent, KnownAddress, RefusedToken, Session, TokenCutoff, User
from core.models import RateWindow
from core.sql.batches import BATCH
from testing.callers import CLIENT, Caller, in_parallel
from testing.watching.session_settings import setting

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("sweeps over all owners")]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def make_session(user: User, *, expires_at: datetime, ended_at: datetime | None = None) -> Session:
    times = dict.fromkeys(("created_at", "rotated_at", "last_seen_at"), NOW - 100 * DAY)
    return Session.objects.create(user=user, expires_at=expires_at, ended_at=ended_at, **times)


def make_event(created_at: datetime) -> AuthEvent:
    return AuthEvent.objects.create(kind="login", success=True, created_at=created_at)


def test_sessions_go_a_day_after_their_end(make_user: Callable[..., User]) -> None:
    user = make_user("carol@example.com")
    later = NOW + 30 * DAY
    kept = [
        make_session(user, expires_at=later),
        make_session(user, expires_at=NOW - DAY + SECOND),
        make_session(user, expires_at=later, ended_at=NOW - DAY + SECOND),
    ]
    make_session(user, expires_at=NOW - DAY - SECOND)
    make_session(user, expires_at=later, ended_at=NOW - DAY - SECOND)
    make_session(make_user("dora@example.com"), expires_at=NOW - 50 * DAY, ended_at=NOW - 51 * DAY)

    assert pruning.prune(NOW)["sessions"] == 3

    assert {session.id for session in Session.objects.all()} == {session.id for session in kept}


def test_events_stay_as_many_days_as_the_setting_says(settings: Settings) -> None:
    settings.AUTH_EVENT_DAYS = 10
    kept = make_event(NOW - 10 * DAY)
    make_event(NOW - 10 * DAY - SECOND)

    assert pruning.prune(NOW)["auth events"] == 1

    assert AuthEvent.objects.get() == kept


def test_refusals_go_when_no_token_could_need_them() -> None:
    for number, expires_at in enumerate((NOW - DAY - SECOND, NOW - SECOND, NOW + SECOND)):
        RefusedToken.objects.create(subject=f"u{number}", token_hash="x", expires_at=expires_at)
        TokenCutoff.objects.create(subject=f"u{number}", issued_until=NOW - 31 * DAY, expires_at=expires_at)

    found = pruning.prune(NOW)

    assert (found["refused tokens"], found["token cut-offs"]) == (1, 1)
    assert set(RefusedToken.objects.values_list("subject", flat=True)) == {"u1", "u2"}
    assert set(TokenCutoff.objects.values_list("subject", flat=True)) == {"u1", "u2"}


def test_counters_that_no_longer_count_go(make_user: Callable[..., User]) -> None:
    user = make_user("carol@example.com")
    for address in ("203.0.113.5", "203.0.113.6"):
        limits.remember_address(user, address)
    KnownAddress.objects.filter(user_id=user.id, address=limits.keyed_hash("address", "203.0.113.5")).update(
        seen_at=timezone.now() - 401 * DAY
    )
    past, future = 1, 10**18
    for number, expires_at in enumerate((past, future)):
        RateWindow.objects.create(
            key=limits.keyed_hash("x", str(number)), instants=[], full_until=0, expires_at=expires_at
        )

    assert pruning.prune(NOW)["limit counters"] == 2

    assert KnownAddress.objects.count() == RateWindow.objects.count() == 1
    assert RateWindow.objects.get().expires_at == future


def test_the_command_says_what_it_deleted_and_a_second_run_finds_nothing(alice: Caller) -> None:
    make_event(timezone.now() - 100 * DAY)
    make_event(timezone.now())
    Session.objects.filter(user_id=alice.id).update(ended_at=timezone.now() - 2 * DAY)

    first, second = StringIO(), StringIO()
    call_command("prune", stdout=first)
    call_command("prune", stdout=second)

    assert first.getvalue().splitlines() == [
        "sessions: 1 deleted",
        "personal tokens: 0 deleted",
        "auth events: 1 deleted",
        "recovery tokens: 0 deleted",
        "refused tokens: 0 deleted",
        "token cut-offs: 0 deleted",
        "limit counters: 0 deleted",
        "idempotency keys: 0 deleted",
        "tasks in the trash: 0 deleted",
        "changes of tasks: 0 deleted",
        "unsent mails: 0 deleted",
        "pending actions: 0 deleted",
        "token counts: 0 deleted",
        "sessions of the staff site: 0 deleted",
        "permissions to read conversations: 0 deleted",
        "figures of days: 0 deleted",
    ]
    assert [line.split(": ")[1] for line in second.getvalue().splitlines()] == ["0 deleted"] * len(
        first.getvalue().splitlines()
    )


def prune_again(now: datetime) -> dict[str, int]:
    """Another app's part."""
    return {"leftovers": 7 if now.tzinfo else 0}


def test_other_apps_add_their_own(settings: Settings) -> None:
    settings.PRUNERS = [*settings.PRUNERS, f"{__name__}.prune_again"]
    out = StringIO()

    call_command("prune", stdout=out)

    assert out.getvalue().splitlines()[-1] == "leftovers: 7 deleted"


def make_old_events(count: int) -> None:
    AuthEvent.objects.bulk_create(
        [AuthEvent(kind="login", success=True, created_at=NOW - 200 * DAY) for _ in range(count)]
    )


def test_many_rows_go_in_short_statements() -> None:
    make_old_events(2 * BATCH + 1)

    with CaptureQueriesContext(connection) as queries:
        assert pruning.prune(NOW)["auth events"] == 2 * BATCH + 1

    deletions = [query["sql"] for query in queries if query["sql"].startswith('DELETE FROM "accounts_authevent"')]
    assert len(deletions) == 3
    assert not AuthEvent.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_several_at_once_share_the_work(alice: Caller) -> None:
    made = 5 * BATCH
    make_old_events(made)
    for _ in range(50):
        make_session(alice.user, expires_at=NOW - 5 * DAY)

    results: list[dict[str, Any]] = in_parallel([lambda: pruning.prune(NOW)] * 4)

    assert sum(result["auth events"] for result in results) == made
    assert sum(result["sessions"] for result in results) == 50
    assert not AuthEvent.objects.exists()
    assert alice.get(alice.tasks).status == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_not_waited_for() -> None:
    def prune_without_waiting() -> dict[str, int]:
        with setting("lock_timeout", "5s"):
            return pruning.prune(NOW)

    held = make_event(NOW - 200 * DAY)
    make_event(NOW - 200 * DAY)

    with transaction.atomic():
        assert AuthEvent.objects.select_for_update().get(id=held.id)
        results = in_parallel([prune_without_waiting])

    assert results[0]["auth events"] == 1
    assert AuthEvent.objects.get() == held
    assert pruning.prune(NOW)["auth events"] == 1


def test_a_session_that_is_used_stays(alice: Caller) -> None:
    assert CLIENT.user_agent == Session.objects.get(user_id=alice.id).user_agent

    pruning.prune(timezone.now())

    assert alice.get(alice.tasks).status == 200


def test_pruning_forgets_addresses_after_a_long_time(alice: Caller, bob: Caller) -> None:
    limits.remember_address(alice.user, "192.0.2.1")
    limits.remember_address(bob.user, "192.0.2.1")
    now = KnownAddress.objects.get(user_id=alice.id).seen_at
    KnownAddress.objects.filter(user_id=alice.id).update(seen_at=now - timedelta(days=400))
    KnownAddress.objects.filter(user_id=bob.id).update(seen_at=now - timedelta(days=399, hours=23))

    assert [limits.prune(10), limits.prune(10)] == [1, 0]
    assert [known.user_id for known in KnownAddress.objects.all()] == [bob.id]
