"""The parameters of a list's URL, each checked by itself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar

from django.http import QueryDict

from core.rest.parameters import bad_parameter, single
from core.texts import fold
from core.times import parse_timestamp
from tasks.lists.orderings import KEYS, NEWEST_FIRST, Ordering
from tasks.lists.selections import Selection
from tasks.models import Priority
from tasks.tags import MAX_TAG_LENGTH, is_tag

T = TypeVar("T")

BOTH: Final = (False, True)
COMPLETED: Final = {"true": (True,), "false": (False,)}
STATUS: Final = {"all": BOTH, "active": (False,), "pending": (False,), "completed": (True,)}
PRIORITIES: Final = {priority.label: priority for priority in Priority}
ORDERINGS: Final = {f"{sign}{name}": Ordering(name, is_descending=sign == "-") for name in KEYS for sign in ("", "-")}
# A statement should not grow without bound; people search for a handful.
MAX_WORDS: Final = 20


def read_selection(query: QueryDict) -> Selection:
    """``completed`` and ``status`` both hold: where they contradict each other the list is empty.

    Raises ``ValidationError`` naming the parameter that makes no sense.
    """
    completed = _choice(query, "completed", COMPLETED) or BOTH
    status = _choice(query, "status", STATUS) or BOTH
    return Selection(
        states=tuple(state for state in completed if state in status),
        priority=_choice(query, "priority", PRIORITIES),
        tags=tuple(sorted({*_tags(query)})),
        due_after=_instant(query, "due_after"),
        due_before=_instant(query, "due_before"),
        updated_since=_instant(query, "updated_since"),
        words=_words(query),
    )


def read_ordering(query: QueryDict) -> Ordering:
    """Raises ``ValidationError``."""
    return _choice(query, "ordering", ORDERINGS) or NEWEST_FIRST


def _choice(query: QueryDict, name: str, choices: dict[str, T]) -> T | None:
    value = single(query, name)
    if value is None:
        return None
    if value not in choices:
        raise bad_parameter(name, f"Must be one of {', '.join(choices)}.")
    return choices[value]


def _instant(query: QueryDict, name: str) -> datetime | None:
    value = single(query, name)
    if value is None:
        return None
    try:
        return parse_timestamp(value)
    except ValueError as error:
        raise bad_parameter(
            name, "Must be a time with an offset, such as 2026-01-14T10:00:00Z; write + as %2B."
        ) from error


def _tags(query: QueryDict) -> Iterator[str]:
    for value in query.getlist("tag"):
        tag = value.strip()
        if not is_tag(tag):
            raise bad_parameter("tag", f"Must be a word of 1 to {MAX_TAG_LENGTH} characters.")
        yield fold(tag)


def _words(query: QueryDict) -> tuple[str, ...]:
    words = {fold(word) for word in (single(query, "search") or "").split()}
    if len(words) > MAX_WORDS:
        raise bad_parameter("search", f"Must be at most {MAX_WORDS} words.")
    if any("\0" in word for word in words):
        raise bad_parameter("search", "Null characters are not allowed.")
    return tuple(sorted(words))
