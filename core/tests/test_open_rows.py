import logging

import pytest

from core.sql import row_owner, serving


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_owner, "_reasons", set())


def test_rows_are_nobodys_until_somebody_is_named() -> None:
    with row_owner.rows_of(None):
        assert row_owner.current() is None
        with row_owner.rows_of("alice"):
            assert row_owner.current() == "alice"
            row_owner.show_rows_of("bob")
            assert row_owner.current() == "bob"
        assert row_owner.current() is None


def test_who_sees_everybodys_rows_is_logged_once_a_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, row_owner.__name__)

    for reason in ("prune", "staff", "prune", "prune"):
        with row_owner.all_rows(reason):
            assert row_owner.current() == row_owner.EVERYBODY

    assert caplog.messages == ["Everybody's rows are open to: prune", "Everybody's rows are open to: staff"]


class Presented:
    """A caller who is proven when the database is asked for the first time."""

    user_id = "alice"
    sql = ""
    values = ()
    is_beside_rows = True

    def __init__(self) -> None:
        # Whose rows were open while it was proven, and while it was noted.
        self.proven: list[str | None] = []
        self.noted: list[str | None] = []

    def note(self) -> None:
        self.noted.append(row_owner.current())

    def prove(self) -> None:
        self.proven.append(row_owner.current())


def test_a_caller_is_proven_once_with_nobodys_rows_open() -> None:
    caller = Presented()
    with row_owner.rows_of(None):
        row_owner.present(caller)
        assert row_owner.unproven() is caller
        assert caller.proven == []

        assert [row_owner.current(), row_owner.current()] == ["alice", "alice"]

        assert row_owner.unproven() is None
    assert (caller.proven, caller.noted) == ([None], [])


@pytest.mark.parametrize(("is_due", "noted"), [(True, [None]), (False, [])])
def test_a_caller_whom_a_statement_let_in_is_not_proven_again(*, is_due: bool, noted: list[None]) -> None:
    caller = Presented()
    with row_owner.rows_of(None):
        row_owner.present(caller)

        row_owner.accept(caller, is_due=is_due)

        assert row_owner.current() == "alice"
    assert (caller.proven, caller.noted) == ([], noted)


@pytest.mark.parametrize(("is_command", "told"), [(True, 0), (False, 1)])
def test_what_a_command_opens_is_its_operators_own_act(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, *, is_command: bool, told: int
) -> None:
    caplog.set_level(logging.INFO, row_owner.__name__)
    monkeypatch.setattr(serving, "is_command", is_command)

    with row_owner.all_rows("prune"):
        assert row_owner.current() == row_owner.EVERYBODY

    assert len(caplog.messages) == told
