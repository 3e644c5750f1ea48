"""What a list or a search of a turn shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from assistant.tools.arguments import read_text
from assistant.tools.definitions import DEFAULT_LIMIT, MAX_LIMIT
from assistant.tools.titles import FILLERS
from assistant.understanding.forms import root
from core.texts import fold
from core.times import parse_timestamp
from tasks.lists.filters import read_ordering, read_selection
from tasks.lists.orderings import Ordering
from tasks.lists.pages import count_tasks, read_page
from tasks.lists.selections import Selection
from tasks.serializers import read_changes

QUERIED: Final = ("status", "priority", "due_after", "due_before", "ordering")
# Beside what a model is told of: for a provider that knows only what the person said.
INSTANTS: Final = ("completed_after", "completed_before", "not_due_before")
MOST_SKIPPED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Look:
    selection: Selection
    ordering: Ordering
    limit: int
    # How many were shown before.
    offset: int
    # What was looked for, as far as it was found out here: "about" is a tag where there is such a one.
    arguments: Mapping[str, Any]

    def tasks(self, user_id: str) -> tuple[Sequence[dict[str, Any]], int, bool]:
        """Those of this page, the count of all, and whether there are more. Open ones come before completed ones."""
        wanted = self.offset + self.limit
        found: list[dict[str, Any]] = []
        for state in sorted(self.selection.states):
            selection = replace(self.selection, states=(state,))
            if len(found) <= wanted:
                page = read_page(user_id, selection, self.ordering, None, wanted + 1 - len(found))
                found += orjson.loads(page.json)
        count = len(found) if len(found) <= wanted else count_tasks(user_id, self.selection)[0]
        return found[self.offset : wanted], count, len(found) > wanted


def read_list(user_id: str, arguments: Mapping[str, Any]) -> Look:
    """Raises ``ValidationError``."""
    query = QueryDict(mutable=True)
    for name in QUERIED:
        if arguments.get(name) is not None:
            query[name] = read_text(arguments, name)
    # Checked as those of a task are.
    query.setlist("tag", read_changes({"tags": arguments.get("tags") or []})["tags"])
    look = _read(query, arguments)
    instants: dict[str, Any] = {name: parse_timestamp(arguments[name]) for name in INSTANTS if arguments.get(name)}
    selection = replace(look.selection, has_due_at=arguments.get("has_due_at"), **instants)
    look = replace(look, selection=selection)
    return _about(user_id, look, str(arguments["about"])) if arguments.get("about") else look


def read_search(user_id: str, arguments: Mapping[str, Any]) -> Look:
    """Where nothing holds the words as they are, what holds forms of them. Raises ``ValidationError``."""
    query = QueryDict(mutable=True)
    query["search"] = read_text(arguments, "query")
    if arguments.get("status") is not None:
        query["status"] = read_text(arguments, "status")
    look = _read(query, arguments)
    if count_tasks(user_id, look.selection)[0]:
        return look
    roots = tuple(sorted({root(word) for word in look.selection.words}))
    return replace(look, selection=replace(look.selection, words=roots))


def _about(user_id: str, look: Look, words: str) -> Look:
    """Tasks of a tag, where it has any; else those whose words are forms of these."""
    rest = {name: value for name, value in look.arguments.items() if name != "about"}
    for tag in (words, words.removesuffix("s"), f"{words}s"):
        selection = replace(look.selection, tags=tuple(sorted({*look.selection.tags, fold(tag)})))
        if " " not in words and count_tasks(user_id, Selection(tags=(fold(tag),)))[0]:
            return replace(look, selection=selection, arguments={**rest, "tags": [*rest.get("tags", ()), tag]})
    roots = tuple(sorted({root(word) for word in fold(words).split() if word not in FILLERS}))
    return replace(look, selection=replace(look.selection, words=roots), arguments={**rest, "query": words})


def _read(query: QueryDict, arguments: Mapping[str, Any]) -> Look:
    limit = _whole(arguments, "limit", DEFAULT_LIMIT, range(1, MAX_LIMIT + 1))
    offset = _whole(arguments, "offset", 0, range(MOST_SKIPPED))
    return Look(read_selection(query), read_ordering(query), limit, offset, arguments)


def _whole(arguments: Mapping[str, Any], name: str, default: int, allowed: range) -> int:
    value = default if arguments.get(name) is None else arguments[name]
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise ValidationError({name: [f"Must be a whole number from {allowed[0]} to {allowed[-1]}."]})
    return value
