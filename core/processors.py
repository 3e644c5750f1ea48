"""Which processors a process runs on.

Of one interpreter's threads one runs at a time. Where they wake each other on whichever processor is free, that one's
caches know nothing of what the next line reads, and a virtual machine leaves its guest for each such call: on one
processor a process answers up to a quarter more (``docs/architecture/server.md``). What runs without the interpreter's
lock, such as a password's hash, may go anywhere (``on_any``).
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final

# Before it was kept to one: those that the process may use.
_before: Final[set[int]] = set()


def usable() -> frozenset[int]:
    """By this process; empty where the system does not tell."""
    try:
        return frozenset(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return frozenset()


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
    """This thread, for the block; where the processors have been taken away meanwhile, on those that it has."""
    if not _before:
        yield
        return
    kept = usable()
    _let_run_on(_before)
    try:
        yield
    finally:
        _let_run_on(kept)


def _let_run_on(wanted: Collection[int]) -> None:
    """A thread, whatever the call's name says (sched_setaffinity(2), Notes)."""
    with suppress(OSError):
        os.sched_setaffinity(0, wanted)
