"""What a traceback or the shell calls a row: ids and kinds, never what somebody wrote."""

import uuid

import pytest
from django.db.models import Model

from core.models import DailyRun, IdempotencyKey, OutgoingMail, RateWindow, Usage

pytestmark = pytest.mark.once

ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (IdempotencyKey(id=ID), str(ID)),
        (Usage(kind="tasks", used=3), "tasks 3"),
        (DailyRun(name="prune"), "prune"),
        (OutgoingMail(id=ID, purpose="reset", recipient="ada@example.com"), f"reset {ID}"),
        (RateWindow(key=ID), str(ID)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_row_is_called_by_its_id(row: Model, name: str) -> None:
    assert str(row) == name
