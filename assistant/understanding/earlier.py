"""What was said before in a conversation, as far as short messages lean on it: "make it urgent", "the second one"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CHANGES: Final = ("add_task", "complete_task", "reopen_task", "update_task")


@dataclass(frozen=True, slots=True)
class Told:
    """One tool call of the assistant's last answer that had any."""

    tool: str
    arguments: Mapping[str, Any]
    # The tasks it told of, and those of which it could have been any: ids with titles.
    tasks: tuple[tuple[str, str], ...] = ()
    matches: tuple[tuple[str, str], ...] = ()
    # How many of a list had been shown with it, where there were more.
    shown: int | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    # What the assistant said last, and the person before it.
    answer: str = ""
    said: str = ""
    calls: tuple[Told, ...] = ()
    # Whether those calls belong to that very answer.
    is_recent: bool = True
    # Of the last list, in its order: ids.
    listed: tuple[str, ...] = ()

    @property
    def tasks(self) -> tuple[str, ...]:
        """Those it told of and left there, each once."""
        told = (task for call in self.calls if call.tool != "delete_task" for task, _ in call.tasks)
        return tuple(dict.fromkeys(told))

    @property
    def changed(self) -> Told | None:
        """The one change of the last answer."""
        changes = [call for call in self.calls if call.tool in CHANGES and call.tasks]
        return changes[-1] if self.is_recent and changes else None

    @property
    def unsure(self) -> Told | None:
        """What waits for the person to say which task is meant."""
        return next((call for call in self.calls if call.matches), None) if self.is_recent else None

    @property
    def page(self) -> Told | None:
        return next((call for call in self.calls if call.shown is not None), None)


NOTHING_EARLIER: Final = Earlier()
