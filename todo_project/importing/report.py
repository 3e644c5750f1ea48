"""What came of it: counts, checksums, and a line for each row that does not fit, which names it by its id alone."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
        # Left out too, since nothing here is like them, by what they are.
        self.placeless = Counter[str]()
        # What is told of many at once.
        self.remarks = Counter[str]()
        # Ids of those who are admins there: they were made admins here, or are none here.
        self.admins, self.admins_not_here = list[str](), list[str]()

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
        for name in ("read", "stored", "there", "unfit", "wanted", "found", "placeless", "remarks"):
            getattr(self, name).update(getattr(other, name))
        self.notes += other.notes
        for name in ("admins", "admins_not_here", "untold"):
            getattr(self, name).extend(getattr(other, name))
        self.tell()

    def tell(self) -> None:
        for line in self.untold:
            self._say(line)
        self.untold.clear()

    @property
    def is_whole(self) -> bool:
        """Every row that was read, and that has a place here, is here as it was read."""
        return self.unfit.total() == self.placeless.total() and not self.notes and self.adds_up

    @property
    def adds_up(self) -> bool:
        accounted = self.stored + self.there + self.unfit
        return +accounted == +self.read and +self.wanted == +self.found

    def lines(self, *, is_dry: bool) -> list[str]:
        verb = "would be moved" if is_dry else "moved"
        counts = [
            f"{kind}: {self.read[kind]} read, {self.stored[kind]} {verb}, {self.there[kind]} here already, "
            f"{self.unfit[kind]} left out; checksum {_sum(self.wanted[kind])} read, {_sum(self.found[kind])} stored"
            for kind in KINDS
            if self.read[kind]
        ]
        return [*counts, *self._left_out(), *self._remarked(), *self._on_admins(is_dry=is_dry)]

    def _left_out(self) -> Iterator[str]:
        for what, count in sorted(self.placeless.items()):
            yield f"{count} {what} were left out."

    def _remarked(self) -> Iterator[str]:
        for what, count in sorted(self.remarks.items()):
            yield f"{count} {what}."

    def _on_admins(self, *, is_dry: bool) -> Iterator[str]:
        if self.admins:
            verb = "would be made admins" if is_dry else "were made admins"
            yield f"{len(self.admins)} {verb} here, as they are there: {_listed(self.admins)}."
        if self.admins_not_here:
            yield (
                f"{len(self.admins_not_here)} are admins there and not here: {_listed(self.admins_not_here)}. "
                "--with-roles makes admins of those who come, manage.py promote_admin of who is here."
            )


def shown(row_id: object) -> str:
    text = str(row_id)
    return (
        text if SHOWN.fullmatch(text) else f"#{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:16]}"
    )


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(map(shown, ids))


def _sum(total: int) -> str:
    return f"{total % 2**64:016x}"
