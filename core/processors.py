"""Which processors a process runs on.

Of one interpreter's threads one runs at a time. Where they wake each other on whichever processor is free, that one's
caches know nothing of what the next line reads, and a virtual machine leaves its guest for each such call: on one
processor a process answers a tenth to a quarter more (``bench/RESULTS.md``). What runs without the interpreter's lock,
such as a password's hash, may go anywhere (``on_any``).
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

# Before it was kept to one: those that the process may use.
_before: Final[set[int]] = set()


def usable() -> frozenset[int]:
    """By this process; empty where the system does not tell."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def least_taken(taken: Collection[int | None]) -> int:
    """Of those that are usable, the one that fewest others keep to."""
    kept = list(taken)
    return min(sorted(usable()), key=kept.count)


def keep_to(processor: int) -> None:
    """This process, before it has more threads than this one: they follow. Raises ``OSError`` where it may not."""
    before = usable()
    os.sched_setaffinity(0, {processor})
    _before.update(before)


@contextmanager
def on_any() -> Iterator[None]:
    """This thread, for the block."""
    if not _before:
        yield
        return
    # Of a thread, whatever the manual page calls it (sched_setaffinity(2), Notes).
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, kept)
