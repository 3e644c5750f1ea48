"""Who would have to wait for a lock lets go of its own, and begins anew."""

import pytest
from django.db import OperationalError, connection

from core.sql import giving_way
from core.sql.giving_way import give_way

pytestmark = pytest.mark.django_db


class Refused(Exception):
    """A driver's."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


class Transfer:
    """Is refused in these ways one after the other, then done."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.were_atomic: list[bool] = []

    def __call__(self) -> str:
        self.were_atomic.append(connection.in_atomic_block)
        if self.states:
            raise OperationalError from Refused(self.states.pop(0))
        return "done"


def test_it_is_tried_until_nobody_is_in_the_way() -> None:
    transfer = Transfer("55P03", "40P01", "55P03")

    assert give_way(transfer) == "done"
    assert transfer.were_atomic == [True] * 4


def test_another_failure_is_raised_at_once() -> None:
    transfer = Transfer("57014", "55P03")

    with pytest.raises(OperationalError):
        give_way(transfer)

    assert transfer.states == ["55P03"]


def test_who_stands_in_the_way_for_too_long_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "GIVE_UP_SECONDS", -1.0)
    transfer = Transfer("55P03", "40P01")

    with pytest.raises(OperationalError):
        give_way(transfer)

    assert transfer.states == ["40P01"]
