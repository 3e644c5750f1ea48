"""What a traceback or the shell calls a row: ids, never what somebody wrote."""

import uuid

import pytest
from django.db.models import Model

from tasks.models import Entry, OldTaskId, Task

pytestmark = pytest.mark.once

ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Task(id=ID, title="Buy milk"), str(ID)),
        (Entry(task_id=ID, version=3, changes={"title": [None, "Buy milk"]}), f"{ID} 3"),
        (OldTaskId(task_id=ID, old_id="41"), "41"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_row_is_called_by_its_ids(row: Model, name: str) -> None:
    assert str(row) == name
