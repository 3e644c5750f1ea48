"""Whether a page takes longer the more tasks its owner has."""

from collections.abc import Mapping
from contextlib import closing
from statistics import median
from typing import Final
from urllib.parse import quote

from bench.calls import Caller

CALLS: Final = 300
WALK: Final = 1000


def measure(base: str, owners: Mapping[int, tuple[str, str]]) -> dict[int, tuple[float, float]]:
    """By number of tasks, the median milliseconds of the first page and of one in the middle, 50 on each.

    ``owners`` gives user id and token by number of tasks.
    """
    callers = {count: Caller(base, *owner) for count, owner in owners.items()}
    paths = {count: ("?limit=50", _middle_page(caller, count)) for count, caller in callers.items()}
    taken: dict[int, tuple[list[float], list[float]]] = {count: ([], []) for count in callers}
    # In turn, so that whatever else the machine does hits all alike.
    for _ in range(CALLS):
        for count, caller in callers.items():
            for path, times in zip(paths[count], taken[count], strict=True):
                times.append(caller.milliseconds(path))
    for caller in callers.values():
        with closing(caller):
            pass
    return {count: (median(first), median(middle)) for count, (first, middle) in taken.items()}


def _middle_page(caller: Caller, count: int) -> str:
    """Walks there as a client would, since only the service can make its cursors."""
    path, seen = f"?limit={min(WALK, count // 2)}", 0
    while seen < count // 2:
        meta = caller.send("GET", path)["meta"]
        seen += meta["count"]
        path = f"?limit={WALK}&cursor={quote(meta['next_cursor'], safe='')}"
    return path.replace(f"limit={WALK}", "limit=50")
