"""What each of their rows is dated with."""

from datetime import UTC, datetime
from typing import Any, Final

AT: Final = datetime(2025, 3, 4, 5, 6, 7, 123456, UTC)
LATER: Final = datetime(2025, 3, 5, 5, 6, 7, tzinfo=UTC)
# As ``datetime.utcnow`` gives them, which most of the backends call.
NAIVE_AT: Final = AT.replace(tzinfo=None)
NAIVE_LATER: Final = LATER.replace(tzinfo=None)
# By the old id: title, description, completed_at, priority, due_at, tags, created_at, updated_at.
Tasks = dict[str, tuple[Any, ...]]
