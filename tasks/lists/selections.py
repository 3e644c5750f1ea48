"""Which of an owner's tasks a list holds, as SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from core.sql.owned import Owner
from core.sql.statements import bind, is_postgresql
from tasks.models import Priority, Task
from tasks.statements import visible_sql

Condition = tuple[str, list[Any]]

# No word of a search holds the line break between the two.
WORDS: Final = "(title_folded || {newline} || coalesce(description_folded, ''))"
POSTGRESQL: Final = {
    "tags": "tag_keys @> %s::text[]",
    "word": f"{WORDS.format(newline='chr(10)')} LIKE %s",
}
SQLITE: Final = {
    "tags": "NOT EXISTS (SELECT value FROM json_each(%s) EXCEPT SELECT value FROM json_each(tag_keys))",
    "word": f"instr({WORDS.format(newline='char(10)')}, %s) > 0",
}
STATES: Final = {(): "1 = 0", (False,): "completed_at IS NULL", (True,): "completed_at IS NOT NULL"}
LIKE_SPECIAL: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All conditions hold at once; equal selections have equal ``repr``."""

    # The states wanted; none at all where two parameters contradict each other.
    states: tuple[bool, ...] = (False, True)
    priority: Priority | None = None
    # Folded and sorted, each once; the task must have all of them.
    tags: tuple[str, ...] = ()
    due_after: datetime | None = None
    due_before: datetime | None = None
    updated_since: datetime | None = None
    # The rest is for who asks in words, not in a URL: due at all or not; not due before then, or not at all.
    has_due_at: bool | None = None
    not_due_before: datetime | None = None
    completed_after: datetime | None = None
    completed_before: datetime | None = None
    # Folded and sorted, each once; every one occurs in title or description.
    words: tuple[str, ...] = ()

    def conditions(self, owner: Owner) -> Iterator[Condition]:
        yield visible_sql(owner.sql("%s")), owner.values
        if self.states in STATES:
            yield STATES[self.states], []
        if self.priority is not None:
            yield "priority = %s", [int(self.priority)]
        if self.has_due_at is not None:
            yield "due_at IS NOT NULL" if self.has_due_at else "due_at IS NULL", []
        yield from self._on_times()
        yield from self._on_texts()

    def _on_times(self) -> Iterator[Condition]:
        for field, comparison, instant in (
            ("due_at", ">=", self.due_after),
            ("due_at", "<", self.due_before),
            ("updated_at", ">=", self.updated_since),
            ("completed_at", ">=", self.completed_after),
            ("completed_at", "<", self.completed_before),
        ):
            if instant is not None:
                yield f"{field} {comparison} %s", [bind(Task, field, instant)]
        if self.not_due_before is not None:
            yield "(due_at IS NULL OR due_at >= %s)", [bind(Task, "due_at", self.not_due_before)]

    def _on_texts(self) -> Iterator[Condition]:
        on_postgresql = is_postgresql()
        sql = POSTGRESQL if on_postgresql else SQLITE
        if self.tags:
            yield sql["tags"], [list(self.tags) if on_postgresql else orjson.dumps(self.tags).decode()]
        for word in self.words:
            yield sql["word"], [f"%{word.translate(LIKE_SPECIAL)}%" if on_postgresql else word]
