"""What came of it: counts, checksums, and a line for each row that does not fit, which names it by its id alone."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

KINDS: Final = ("users", "tasks", "conversations", "messages")
SINGULAR: Final = {"users": "user", "tasks": "task", "conversations": "conversation", "messages": "message"}
# What an id looks like that may be shown; an email is told by its hash.
SHOWN: Final = re.compile(r"[A-Za-z0-9._|:+=~-]{1,128}")


class Report:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        # Told once what they are about is done.
        self.untold: list[str] = []
        self.read, self.stored, self.there, self.unfit = (Counter[str]() for _ in range(4))
        # The sums of each row's digest, as it was read and as it stands here.
        self.wanted, self.found = Counter[str](), Counter[str]()
        self.notes = 0

    def part(self) -> "Report":
        """To be added, or thrown away."""
        return Report(self._say)

    def say(self, line: str) -> None:
        self.untold.append(line)

    def misfit(self, kind: str, row_id: object, why: str) -> None:
        self.unfit[kind] += 1
        self.untold.append(f"{SINGULAR[kind]} {shown(row_id)} was left out: {why}.")

    def note(self, kind: str, row_id: object, what: str) -> None:
        """Moved, but not all of it."""
        self.notes += 1
        self.untold.append(f"{SINGULAR[kind]} {shown(row_id)}: {what}.")

    def add(self, other: "Report") -> None:
        for name in ("read", "stored", "there", "unfit", "wanted", "found"):
            getattr(self, name).update(getattr(other, name))
        self.notes += other.notes
        self.untold += other.untold
        self.tell()

    def tell(self) -> None:
        for line in self.untold:
            self._say(line)
        self.untold.clear()

    @property
    def is_whole(self) -> bool:
        """Every row that was read is here, as it was read."""
        return not self.unfit.total() and not self.notes and self.adds_up

    @property
    def adds_up(self) -> bool:
        accounted = self.stored + self.there + self.unfit
        return +accounted == +self.read and +self.wanted == +self.found

    def lines(self, *, is_dry: bool) -> list[str]:
        verb = "would be moved" if is_dry else "moved"
        return [
            f"{kind}: {self.read[kind]} read, {self.stored[kind]} {verb}, {self.there[kind]} here already, "
            f"{self.unfit[kind]} left out; checksum {_sum(self.wanted[kind])} read, {_sum(self.found[kind])} stored"
            for kind in KINDS
            if self.read[kind]
        ]


def shown(row_id: object) -> str:
    text = str(row_id)
    return (
        text if SHOWN.fullmatch(text) else f"#{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:16]}"
    )


def _sum(total: int) -> str:
    return f"{total % 2**64:016x}"
