"""Several streams in the order of one key, read side by side, so that nothing but one person's rows is ever held."""

from collections.abc import Callable, Iterator

from todo_project.importing.source import Row


class Follower:
    """Rows in the order of their owner."""

    def __init__(self, rows: Iterator[Row], orphan: Callable[[Row], None]) -> None:
        self._rows, self._orphan = rows, orphan
        self._next = next(rows, None)

    def take(self, owner: str) -> Iterator[Row]:
        """This owner's; those before belong to nobody."""
        while self._next is not None and _place(self._next["owner"] or "") <= _place(owner):
            row, self._next = self._next, next(self._rows, None)
            if row["owner"] == owner:
                yield row
            else:
                self._orphan(row)

    def end(self) -> None:
        while self._next is not None:
            self._orphan(self._next)
            self._next = next(self._rows, None)


def _place(owner: str) -> bytes:
    """As the databases sort: by the bytes of UTF-8, and what is none by its own."""
    return owner.encode(errors="surrogateescape")
