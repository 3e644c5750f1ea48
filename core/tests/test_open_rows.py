import logging

import pytest

from core.sql import row_owner


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
