"""What people say to an assistant, with what may become of it, told to the real chat: ``cases/*.json``.

A case starts with its table's tasks in a new conversation; ``judging`` reads the rest of the notation.
``python -m assistant.tests.judging`` tells the shares by kind.
"""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from assistant.tests.judging.telling import FOLDER, Case, Table, read_table, tell
from assistant.tests.judging.verdicts import Judge

TABLES = [read_table(path) for path in sorted(FOLDER.glob("*.json")) if path.name != "tasks.json"]
CASES = [(table, case) for table in TABLES for case in table.cases]
# A Tuesday morning, so that "friday", "tomorrow" and "next week" are different days.
NOW = datetime(2026, 12, 1, 9, 20)  # noqa: DTZ001 - in the zone of each table

pytestmark = pytest.mark.once


@pytest.fixture
def user(make_user: Any) -> User:
    made: User = make_user("cases@example.com")
    return made


@pytest.mark.parametrize(("table", "case"), CASES, ids=[f"{case['kind']}: {case['turns'][-1]}" for _, case in CASES])
def test_what_is_said_becomes_what_it_may(user: User, table: Table, case: Case) -> None:
    now = NOW.replace(tzinfo=table.zone)

    told = tell(user, table, case, now)

    assert Judge(case, told, now).is_met(), (case, told.answer)


def test_the_tables_are_as_long_as_they_were() -> None:
    """Who drops a case says so here."""
    assert len(CASES) >= 957
