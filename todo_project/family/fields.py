"""What ``TASK_ALIASES`` adds to a task: other names for what it says already, written by the database like the rest."""

from collections.abc import Sequence
from typing import Any, Final

from tasks.representation import INSTANT_OR_NULL, Conversion

STATUSES: Final = {False: "pending", True: "completed"}
STATUS: Final = Conversion(
    """CASE WHEN {0} IS NULL THEN '"pending"' ELSE '"completed"' END""",
    plain=lambda completed_at: STATUSES[completed_at is not None],
    stored=STATUSES.__getitem__,
    stored_sql="{0} IS NOT NULL",
)
ADDED: Final[Sequence[tuple[str, str, Conversion]]] = (
    ("status", "completed_at", STATUS),
    ("due_date", "due_at", INSTANT_OR_NULL),
)
# For the OpenAPI document.
DESCRIBED: Final[dict[str, Any]] = {
    "status": {"type": "string", "enum": [*STATUSES.values()], "readOnly": True, "description": "Of `completed`."},
    "due_date": {
        "type": ["string", "null"],
        "format": "date-time",
        "readOnly": True,
        "description": "The same as `due_at`.",
    },
}
