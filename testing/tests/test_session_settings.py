"""What a test sets for a session is gone before another test gets the connection, or the test fails."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from testing.callers import in_parallel
from testing.watching.session_settings import SettingLeft, none_left, setting

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


def test_a_setting_holds_for_its_block_alone() -> None:
    before = patience()

    with none_left(), setting("lock_timeout", "3s"):
        assert patience() == "3s"

    assert patience() == before


@pytest.mark.parametrize(
    ("left", "taken_back"),
    [
        ("SET lock_timeout = '3s'", "RESET lock_timeout"),
        ("set session lock_timeout to '3s'", "RESET lock_timeout"),
        ("SELECT 1; SET lock_timeout = '3s'", "RESET lock_timeout"),
        ("SELECT set_config('lock_timeout', '3s', false)", "RESET lock_timeout"),
        ("SELECT set_config('app.user_id', 'somebody', false)", "RESET app.user_id"),
    ],
)
def test_one_that_stays_fails_the_test(left: str, taken_back: str) -> None:
    with pytest.raises(SettingLeft, match=taken_back.removeprefix("RESET ")), none_left():
        execute(left)

    with none_left():
        execute(left)
        execute(taken_back)


def test_it_is_found_on_a_connection_that_was_given_back() -> None:
    def leave() -> Any:
        execute("SET lock_timeout = '3s'")
        return connection.connection

    given_back: list[Any] = []
    with pytest.raises(SettingLeft), none_left():
        given_back += in_parallel([leave])

    given_back[0].execute("RESET lock_timeout")


@pytest.mark.parametrize("sql", ["SET LOCAL lock_timeout = '3s'", "SELECT set_config('lock_timeout', '3s', true)"])
def test_one_that_ends_with_its_transaction_is_nobodys_fault(sql: str) -> None:
    with none_left(), transaction.atomic():
        execute(sql)


def test_one_that_was_rolled_back_is_nobodys_fault() -> None:
    with none_left(), suppress(DatabaseError), transaction.atomic():
        execute("SET lock_timeout = '3s'")
        execute("SELECT 1 / 0")

    assert patience() == "0"
