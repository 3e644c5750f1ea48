"""How long the database may take, and from when on."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from core.sql import deadline, serving

pytestmark = pytest.mark.once


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    monkeypatch.setattr(serving, "is_command", False)
    settings.DATABASE_SECONDS = 4.0
    yield clock
    deadline.end()


def test_a_requests_statements_have_what_is_left_of_its_time(clock: Clock) -> None:
    deadline.begin(clock.now - 1)

    assert (deadline.since(), deadline.seconds_left()) == (999.0, 3.0)
    clock.now += 2
    assert deadline.seconds_left() == 1.0
    clock.now += 60
    assert deadline.seconds_left() == deadline.LAST_SECONDS


def test_nobodys_statements_have_all_of_it_each(clock: Clock) -> None:
    deadline.begin(clock.now - 1)
    deadline.end()

    assert (deadline.since(), deadline.seconds_left()) == (clock.now, 4.0)


def test_commands_take_their_time(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(serving, "is_command", True)
    assert deadline.seconds_left() is None

    monkeypatch.setattr(serving, "is_command", False)
    settings.DATABASE_SECONDS = 0
    assert deadline.seconds_left() is None


def test_a_block_may_have_a_time_of_its_own(clock: Clock) -> None:
    deadline.begin(clock.now - 1)

    with deadline.within(0.5):
        clock.now += 0.25
        assert deadline.seconds_left() == 0.25

    assert deadline.seconds_left() == 2.75


def test_what_else_is_waited_for_does_not_count(clock: Clock) -> None:
    with deadline.begun_anew():
        clock.now += 3
    assert deadline.seconds_left() == 4.0
    assert deadline.since() == clock.now

    deadline.begin(clock.now)
    with deadline.begun_anew():
        clock.now += 3
    clock.now += 1
    assert deadline.seconds_left() == 3.0
