"""Tasks as people write them, for ``manage.py demo``."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from core.ids import uuid7
from tasks.models import Priority, Task

MONTHS: Final = timedelta(days=180)
DONE_SHARE: Final = 0.6
DESCRIBED_SHARE: Final = 0.4
DUE_SHARE: Final = 0.3
TAGS: Final = ("home", "work", "family", "health", "errands", "money", "garden")

ERRANDS: Final = {
    "Buy": ("oat milk", "a birthday present for Sam", "printer paper", "running shoes", "train tickets", "tomatoes"),
    "Call": ("the dentist", "Grandma", "the landlord", "the insurance", "the school", "a plumber"),
    "Book": ("a table for six", "the flight home", "a haircut", "the meeting room", "two nights by the lake"),
    "Fix": ("the squeaky door", "the bike's rear brake", "the broken link on the site", "the kitchen light"),
    "Send": ("the invoice", "the signed contract", "photos of the trip", "the slides", "a reminder to the team"),
    "Review": ("the budget", "the pull request", "the draft of the report", "the lease", "the holiday plans"),
    "Read": ("the release notes", "chapter four", "the feedback from the workshop", "the new travel policy"),
}
WHEN: Final = (
    "",
    "",
    "",
    " today",
    " this week",
    " before Friday",
    " on the way home",
    " after lunch",
    " for next month",
)
DETAILS: Final = (
    "Ask about the opening hours first.",
    "The number is on the fridge.",
    "Not urgent, but it has been waiting for a while.",
    "Check the price before: it was higher last time.",
    "Lena offered to help, so ask her.",
    "Needs an hour without interruptions.",
    "See the notes from the last meeting.",
    "Take the blue folder along.",
)


def make_tasks(user_id: str, count: int, now: datetime, random: Random) -> Iterator[Task]:
    """Not saved yet: made over the past months, some completed since."""
    for _ in range(count):
        created_at = now - random.random() * MONTHS
        completed_at = _later(created_at, now, random) if random.random() < DONE_SHARE else None
        verb = random.choice(list(ERRANDS))
        yield Task(
            id=uuid7(created_at),
            user_id=user_id,
            title=f"{verb} {random.choice(ERRANDS[verb])}{random.choice(WHEN)}",
            description=_description(random) if random.random() < DESCRIBED_SHARE else None,
            completed_at=completed_at,
            priority=random.choices(list(Priority), weights=(2, 6, 2))[0],
            due_at=created_at + random.random() * timedelta(days=30) if random.random() < DUE_SHARE else None,
            tags=random.sample(TAGS, random.choice((0, 0, 1, 1, 2))),
            created_at=created_at,
            updated_at=completed_at or created_at,
        )


def _later(instant: datetime, now: datetime, random: Random) -> datetime:
    """Mostly soon after: within two weeks, never in the future."""
    return min(instant + random.random() ** 3 * timedelta(days=14), now)


def _description(random: Random) -> str:
    return " ".join(random.sample(DETAILS, random.randint(1, 3)))
