"""What a message can turn out to mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

READING_TOOLS: Final = ("list_tasks", "search_tasks")


class Guidance(Enum):
    """Why there is nothing to do. The first three are surely no command; of the others nobody knows."""

    GREETING = "greeting"
    THANKS = "thanks"
    HELP = "help"
    # Something that no list of tasks is for.
    NOT_OURS = "not ours"
    # Told not to, or only wondering about it.
    NOTHING = "nothing"
    UNCLEAR = "unclear"


HARMLESS: Final = (Guidance.GREETING, Guidance.THANKS, Guidance.HELP)


@dataclass(frozen=True, slots=True)
class Intent:
    """One tool call; with ``each``, one for every task that ``list_tasks`` finds with these arguments."""

    tool: str
    arguments: Mapping[str, Any]
    each: Mapping[str, Any] | None = None
    # Its task was only pointed at ("it", "the last one"), so that what is gone with it has to be named to the person.
    is_pointed: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """Intents in the order they were said, then what has to be asked back; guidance where there is neither."""

    intents: tuple[Intent, ...] = ()
    question: str | None = None
    guidance: Guidance | None = None
    # What was said beside it and not understood.
    has_unclear_part: bool = False

    @property
    def only_reads(self) -> bool:
        """Surely, so not of what was not understood."""
        if self.question or self.has_unclear_part:
            return False
        if not self.intents:
            return self.guidance in HARMLESS
        return all(intent.tool in READING_TOOLS for intent in self.intents)

    @property
    def deletions(self) -> tuple[str, ...]:
        """What the message names of tasks to delete, one by one; whoever says "all of them" has named none."""
        return tuple(
            intent.arguments["task"]
            for intent in self.intents
            if intent.tool == "delete_task" and intent.each is None and not intent.is_pointed
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be known before anything can be done."""

    text: str


# What one clause means: nothing is no command at all.
Meaning = tuple[Intent, ...] | Question | Guidance

ASK_TITLE: Final = "What should the task be called?"
TOOLS: Final[Mapping[str, str]] = {
    "complete": "complete_task",
    "reopen": "reopen_task",
    "delete": "delete_task",
    "change": "update_task",
}
VERBS: Final[Mapping[str, str]] = {tool: verb for verb, tool in TOOLS.items()}


def ask_which(tool: str) -> str:
    return f"Which task should I {VERBS[tool]}?"
