"""By which door a change comes in, and whose act it is."""

from dataclasses import dataclass
from typing import Final

from tasks.models import Via


@dataclass(frozen=True, slots=True)
class Act:
    via: Via
    # A user's id where it is another's than the owner's.
    by: str | None = None


BY_API: Final = Act(Via.API)
BY_BULK: Final = Act(Via.BULK)
BY_CHAT: Final = Act(Via.CHAT)
BY_MCP: Final = Act(Via.MCP)
BY_UNDO: Final = Act(Via.UNDO)
BY_COMMAND: Final = Act(Via.COMMAND)


def by_staff(staff_id: str | None) -> Act:
    return Act(Via.STAFF, staff_id)
