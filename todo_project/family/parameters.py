"""Other names and words in the URL of a list of tasks, as the service's own."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.http import QueryDict

from core.rest.parameters import bad_parameter, single
from tasks.lists.orderings import KEYS
from todo_project.family.bodies import PRIORITIES

MAX_SKIP: Final = 10_000
NO_FILTER: Final = "all"
# Each filter with its other names. "all" is a word like any other to look for, so not ``search``.
FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "completed": (),
    "status": ("status_filter",),
    "priority": (),
    "tag": ("tags",),
    "due_after": (),
    "due_before": (),
    "updated_since": (),
}
WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "completed": str.lower,
    "status": str.lower,
    "priority": lambda word: PRIORITIES.get(word.lower(), word),
}
SORT: Final = ("sort_by", "sort")
ORDER: Final = ("order", "sort_order")
SKIP: Final = ("skip", "offset")
DIRECTIONS: Final = {"asc": "", "desc": "-"}
NAMES: Final[Mapping[str, str]] = {name: name for name in KEYS} | {
    "due_date": "due_at",
    "dueDate": "due_at",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
RENAMED: Final = frozenset([*(name for names in FILTERS.values() for name in names), *SORT, *ORDER, *SKIP])
# Names that say a direction too.
DIRECTED: Final[Mapping[str, str]] = {
    "created_newest": "-created_at",
    "created_oldest": "created_at",
    "due_date_soonest": "due_at",
    "priority_high_low": "-priority",
    "alphabetical_az": "title",
}


def usual(sent: QueryDict) -> QueryDict:
    """Raises ``ValidationError`` naming the parameter at fault."""
    if RENAMED.isdisjoint(sent) and all(_is_usual(name, values) for name, values in sent.lists()):
        return sent
    # Not its own ``copy``, which is a deep one and takes as long as the database.
    query = QueryDict(mutable=True)
    for name, values in sent.lists():
        query.setlist(name, list(values))
    for name, others in FILTERS.items():
        _filter(query, name, others)
    _ordering(query)
    _skip(query)
    return query


def _is_usual(name: str, values: list[str]) -> bool:
    """Whether this says nothing in other words, as most say nothing: then all that follows is spared."""
    read = WORDS.get(name, str)
    return name not in FILTERS or all(value and value.lower() != NO_FILTER and read(value) == value for value in values)


def _filter(query: QueryDict, name: str, others: tuple[str, ...]) -> None:
    read = WORDS.get(name, str)
    found = {key: [read(value) for value in query.pop(key) if value] for key in (name, *others) if key in query}
    said = {key: values for key, values in found.items() if values}
    if len({frozenset(values) for values in said.values()}) > 1:
        raise bad_parameter([*said][-1], f"Must be the same as {name}.", "contradiction")
    values = next(iter(said.values()), [])
    if [value.lower() for value in values] != [NO_FILTER]:
        query.setlist(name, values)
        if not values:
            del query[name]


def _ordering(query: QueryDict) -> None:
    direction = _one(query, ORDER, _direction)
    is_named = any(query.get(name) for name in SORT)
    sorting = _one(query, SORT, lambda name, value: _named(value, direction))
    if direction is not None and not is_named:
        # Of the usual order, unless another is asked for.
        sorting = direction + query.get("ordering", "created_at").removeprefix("-")
    if sorting is None:
        return
    if query.get("ordering", sorting) != sorting:
        raise bad_parameter("sort_by" if is_named else "order", "Must be the same as ordering.", "contradiction")
    query.setdefault("ordering", sorting)


def _direction(name: str, value: str) -> str:
    if value.lower() not in DIRECTIONS:
        raise bad_parameter(name, "Must be asc or desc.")
    return DIRECTIONS[value.lower()]


def _named(name: str, direction: str | None) -> str | None:
    """None for an unknown one: pages send such, and were never refused for it."""
    if directed := DIRECTED.get(name):
        if direction is not None and direction != directed[: -len(directed.lstrip("-"))]:
            raise bad_parameter("order", f"Must be the direction of {name}.", "contradiction")
        return directed
    own = NAMES.get(name)
    if own is None:
        return None
    usual = "-" if own == "created_at" else ""
    return (usual if direction is None else direction) + own


def _skip(query: QueryDict) -> None:
    skip = _one(query, SKIP, _number)
    if skip is None:
        return
    if "cursor" in query:
        raise bad_parameter("skip", "Must not come with a cursor.")
    query["skip"] = skip


def _number(name: str, value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > MAX_SKIP:
        raise bad_parameter(name, f"Must be a whole number from 0 to {MAX_SKIP}.")
    return str(int(value))


def _one(query: QueryDict, names: tuple[str, ...], read: Callable[[str, str], str | None]) -> str | None:
    """What one of the names says, taken out; the others may only say the same."""
    sent = {name: single(query, name) for name in names}
    said = {name: meant for name, value in sent.items() if value and (meant := read(name, value)) is not None}
    for name in names:
        query.pop(name, None)
    if len(set(said.values())) > 1:
        raise bad_parameter([*said][-1], f"Must be the same as {names[0]}.", "contradiction")
    return next(iter(said.values()), None)


def described(own: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """For the OpenAPI document: the one that has no counterpart, and times that may be empty. Other names are said in
    its prose.
    """
    skip = {
        "name": "skip",
        "in": "query",
        "required": False,
        "description": "So many tasks are passed over, not together with `cursor`, which is steadier. Or `offset`.",
        "schema": {"type": "integer", "minimum": 0, "maximum": MAX_SKIP},
    }
    return [*(_maybe_empty(parameter) for parameter in own), skip]


def _maybe_empty(parameter: dict[str, Any]) -> dict[str, Any]:
    if parameter["schema"].get("format") != "date-time":
        return parameter
    return {**parameter, "schema": {"type": "string", "anyOf": [{"format": "date-time"}, {"maxLength": 0}]}}
