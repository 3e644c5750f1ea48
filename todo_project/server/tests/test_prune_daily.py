"""``PRUNE_AT``: the service prunes by itself, one process of however many."""

from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from core import pruning
from testing import service
from testing.callers import in_parallel
from testing.databases import copied_database

MORNING = datetime(2026, 6, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        (MORNING, MORNING),
        (MORNING + timedelta(hours=20), MORNING),
        (MORNING - timedelta(seconds=1), MORNING - timedelta(days=1)),
    ],
)
def test_it_was_due_at_that_time_of_a_day(now: datetime, due_at: datetime) -> None:
    assert pruning.last_due(time(3), now) == due_at


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_of_many_takes_a_day_on(db: None) -> None:
    for day in (MORNING, MORNING + timedelta(days=1)):
        assert sorted(in_parallel([lambda: pruning.claim(day)] * 6)) == [False] * 5 + [True]  # noqa: B023 - run at once

    assert not pruning.claim(MORNING)


def test_a_server_prunes_unless_it_is_off(template: str, tmp_path: Path) -> None:
    # Far from the next time of the same: it would prune anew.
    due = (datetime.now(UTC) - timedelta(hours=12)).strftime("%H:%M")
    homes = {"": tmp_path / "off", due: tmp_path / "on"}
    logs = [home / "log" for home in homes.values()]

    with ExitStack() as stack:
        # The one that does not prune is there before the one that does.
        for at, home in homes.items():
            home.mkdir()
            url = stack.enter_context(copied_database(template, home))
            settings = {"DATABASE_URL": url, "PRUNE_AT": at, "WEB_CONCURRENCY": "2", "DB_POOL_SIZE": "2"}
            stack.enter_context(service.serving(home / "log", settings))
        service.wait_until(lambda: "Pruned sessions: 0" in logs[1].read_text())

    assert [log.read_text().count("Pruned sessions:") for log in logs] == [0, 1]


def test_each_day_is_taken_on_once(db: None) -> None:
    days = (MORNING, MORNING, MORNING + timedelta(days=1), MORNING)

    assert [pruning.claim(day) for day in days] == [True, False, True, False]
