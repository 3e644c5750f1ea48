"""Which of a person's tasks come near to some words."""

import re
import uuid
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from assistant.understanding.forms import is_slip, root, stem
from core.texts import fold
from tasks.models import Task

# Words that say nothing about which task it is.
FILLERS: Final = frozenset({"the", "a", "an", "my", "our", "this", "that", "task", "tasks", "todo", "to-do"})
# These only where others say more: a title may hold them.
VAGUE: Final = frozenset({"one", "ones", "thing", "things", "stuff", "item", "items", "reminder", "entry", "job"})
WORD: Final = re.compile(r"[^\s,;:.!?()\"\u201c\u201d]+")
MAX_WORDS: Final = 20
# The newest, where there are more.
MOST_COMPARED: Final = 3000
# Fewer letters are inside of too many words.
SHORTEST_PART: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    ids: Sequence[uuid.UUID] = ()
    # False where the person has to say whether it is the one.
    is_sure: bool = True


class Row(NamedTuple):
    id: uuid.UUID
    title: str
    tags: Set[str]


class Titles:
    """Titles and tags, read once."""

    def __init__(self, tasks: QuerySet[Task]) -> None:
        self._tasks = tasks

    @cached_property
    def _rows(self) -> list[Row]:
        rows = self._tasks.values_list("id", "title_folded", "tags")[:MOST_COMPARED]
        return [Row(task_id, title, {fold(tag) for tag in tags}) for task_id, title, tags in rows]

    def find(self, text: str) -> Found:
        """What holds the words, else their forms, else parts of them, else what was mistyped."""
        words = _words_of(text)
        sure = self.find_surely(words)
        if sure.ids or not words:
            return sure
        near = [_Near(word, self._vocabulary) for word in words]
        return Found(tuple(row.id for row in self._rows if _is_near(row, near)), is_sure=False)

    def find_surely(self, words: Sequence[str]) -> Found:
        """A tag stands for any of the words too: "the work report"."""
        if not words:
            return Found()
        roots = [(root(word), word, stem(word)) for word in words]
        held = [row for row in self._rows if all(word in row.title for word in words)]
        if whole := [row.id for row in held if set(words) <= set(WORD.findall(row.title))]:
            return Found(whole)
        possible = (row for row in self._rows if all(r in row.title or {w, s} & row.tags for r, w, s in roots))
        if alike := [row.id for row in possible if _has_forms(row, roots)]:
            return Found(alike)
        return Found([row.id for row in held], is_sure=len("".join(words)) >= SHORTEST_PART)

    @cached_property
    def _vocabulary(self) -> dict[str, set[str]]:
        """By the first letter, which is seldom mistyped."""
        vocabulary: dict[str, set[str]] = {}
        for row in self._rows:
            for word in WORD.findall(row.title):
                vocabulary.setdefault(word[0], set()).add(word)
        return vocabulary


class _Near:
    """What may have been meant by one word."""

    def __init__(self, word: str, vocabulary: dict[str, set[str]]) -> None:
        self._word, self._root = word, root(word)
        self._slips = {other for other in vocabulary.get(word[0], ()) if is_slip(word, other)}

    def is_in(self, title: str, words: Set[str]) -> bool:
        return self._word in words or self._root in title or not self._slips.isdisjoint(words)


def _is_near(row: Row, near: Sequence[_Near]) -> bool:
    """One word mistyped, or of several the first one another: "got the ink" of "Buy ink"."""
    words = set(WORD.findall(row.title))
    met = [word.is_in(row.title, words) for word in near]
    return all(met) or (len(met) > 1 and all(met[1:]))


def _has_forms(row: Row, roots: Iterable[tuple[str, str, str]]) -> bool:
    stems = {stem(word) for word in WORD.findall(row.title.replace("-", " "))} | row.tags
    return all(stemmed in stems or word in stems for _, word, stemmed in roots)


def _words_of(text: str) -> list[str]:
    words = [word for word in WORD.findall(fold(text))[:MAX_WORDS] if word not in FILLERS]
    return [word for word in words if word not in VAGUE] or words


def knower(user: User) -> Callable[[str], bool]:
    """Tells whether words name a task of the person, or several; what only comes near is none."""
    titles = Titles(Task.objects.visible_to(user).order_by("-id"))
    known: dict[str, bool] = {}

    def knows(text: str) -> bool:
        if text not in known:
            found = titles.find_surely(_words_of(text))
            # A number names one of a list.
            known[text] = bool(found.ids) and found.is_sure and not text.strip("# ").isdecimal()
        return known[text]

    return knows
