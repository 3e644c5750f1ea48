"""Many rows on their way out, a batch at a time: no list of them is ever whole, and no statement takes long."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from core.sql import deadline
from core.sql.row_owner import all_rows

M = TypeVar("M", bound=Model)

AT_ONCE: Final = 1000


def walk(found: QuerySet[M], key: str = "id") -> Iterator[M]:
    """By a column that no two of them share.

    Whoever iterates may have left the request that was let see everybody's.
    """
    last: Any = None
    while True:
        with all_rows("an export of the staff site"):
            rest = found if last is None else found.filter(**{f"{key}__gt": last})
            batch = list(rest.order_by(key)[:AT_ONCE])
        yield from batch
        if len(batch) < AT_ONCE:
            return
        last = getattr(batch[-1], key)


def gathered(pieces: Iterable[str], size: int = 1 << 16) -> Iterator[bytes]:
    """In chunks worth sending. The time that the client takes for one is not the database's."""
    held: list[str] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            with deadline.begun_anew():
                yield "".join(held).encode()
            held, length = [], 0
    yield "".join(held).encode()


def walk_newest_first(found: QuerySet[M]) -> Iterator[M]:
    """By time of creation and, of equal ones, by id: an index of every list."""
    last: M | None = None
    while True:
        with all_rows("an export of the staff site"):
            batch = list(_after(found, last).order_by("-created_at", "-id")[:AT_ONCE])
        yield from batch
        if len(batch) < AT_ONCE:
            return
        last = batch[-1]


def _after(found: QuerySet[M], last: Any) -> QuerySet[M]:
    if last is None:
        return found
    return found.filter(created_at__lte=last.created_at).exclude(created_at=last.created_at, id__gte=last.id)
