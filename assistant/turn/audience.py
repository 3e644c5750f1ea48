from typing import Final, Protocol

from assistant.tools.results import Step


class Audience(Protocol):
    """Who follows a turn. What it raises ends the turn before anything is changed."""

    def hear(self, text: str) -> None:
        """The next piece of the response."""

    def watch(self, step: Step) -> None:
        """A tool call and its final result: that of a change is known at the turn's end."""


class Nobody:
    def hear(self, text: str) -> None:
        pass

    def watch(self, step: Step) -> None:
        pass


NOBODY: Final = Nobody()
