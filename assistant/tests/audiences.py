"""Who listens to a turn in tests."""

from assistant.tools.results import Step


class Notes:
    """An audience that writes down all it gets."""

    def __init__(self) -> None:
        self.heard = ""
        self.watched: list[str] = []

    def hear(self, text: str) -> None:
        self.heard += text

    def watch(self, step: Step) -> None:
        self.watched.append(step.tool)
