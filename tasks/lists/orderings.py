"""The orders of a list, and where in one a page begins.

Equal keys are in the order of their ids, both in the same direction, so an index on (user, key, id)
read forwards or backwards is the order, and a row comparison finds a position in it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.sql.statements import bind
from core.texts import fold
from core.times import parse_timestamp
from tasks.models import Priority, Task

# The position of a task in an order: its key as JSON has it, None where the order has none, and its id.
Position = tuple[str | int | bool | None, str]
# A stretch of the order: its condition, what positions it begins after, and its ORDER BY.
Stretch = tuple[str, list[Any], str]

# The name of an order -> the column of its keys; none for those that the id itself sorts by, in one stretch or two.
KEYS: Final[Mapping[str, str | None]] = {
    "created_at": None,
    "updated_at": "updated_at",
    "due_at": "due_at",
    "priority": "priority",
    "title": "title_folded",
    "status": None,
}
# Open first, completed first in the other direction.
STATES: Final = {False: "completed_at IS NULL", True: "completed_at IS NOT NULL"}
NULLABLE: Final = "due_at"
INSTANTS: Final = ("updated_at", "due_at")


@dataclass(frozen=True, slots=True)
class Ordering:
    name: str
    is_descending: bool

    def position_of(self, task: Mapping[str, Any]) -> Position:
        """From a task as clients see it."""
        if self.name == "created_at":
            return None, task["id"]
        if self.name == "status":
            return task["completed"], task["id"]
        key = task[self.name]
        if self.name == "title":
            return fold(key), task["id"]
        return (Priority[key.upper()].value if self.name == "priority" else key), task["id"]

    def stretches(self, after: Position | None) -> list[Stretch]:
        """One, or two where some tasks have no key: an index holds those at the wrong end of one
        direction, so they are read apart, in the order of their ids.
        """
        if self.name == "status":
            return self._by_status(after)
        column = KEYS[self.name]
        if column is None:
            return [self._by_id("", after)]
        if column != NULLABLE:
            return [self._by_key(column, after)]
        without = f"{column} IS NULL"
        if after and after[0] is None:
            return [self._by_id(without, after)]
        return [self._by_key(column, after), self._by_id(without, None)]

    def _by_status(self, after: Position | None) -> list[Stretch]:
        first, second = self.is_descending, not self.is_descending
        if after and after[0] == second:
            return [self._by_id(STATES[second], after)]
        return [self._by_id(STATES[first], after), self._by_id(STATES[second], None)]

    def _by_key(self, column: str, after: Position | None) -> Stretch:
        condition, params = f"{column} IS NOT NULL" if column == NULLABLE else "", list[Any]()
        if after:
            condition, params = f"({column}, id) {self._beyond} (%s, %s)", [self._key(after[0]), _id(after[1])]
        return condition, params, f"{column} {self._direction}, id {self._direction}"

    def _by_id(self, condition: str, after: Position | None) -> Stretch:
        order = f"id {self._direction}"
        if after is None:
            return condition, [], order
        beyond = f"id {self._beyond} %s"
        return f"{condition} AND {beyond}" if condition else beyond, [_id(after[1])], order

    def _key(self, key: str | int | None) -> Any:
        return bind(Task, self.name, parse_timestamp(str(key))) if self.name in INSTANTS else key

    @property
    def _beyond(self) -> str:
        return "<" if self.is_descending else ">"

    @property
    def _direction(self) -> str:
        return "DESC" if self.is_descending else "ASC"


NEWEST_FIRST: Final = Ordering("created_at", is_descending=True)


def _id(text: str) -> Any:
    return bind(Task, "id", uuid.UUID(text))
