"""Which task a person or a model means: by id, by its number in the last list shown, by words of its title."""

import re
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from django.db.models import F, OrderBy, QuerySet

from accounts.models import User
from assistant.understanding.forms import is_slip, root, stem
from core.errors import DomainError, Invalid, NotFound
from core.ids import parse_uuid
from tasks import statements
from tasks.folding import fold
from tasks.models import Task

NUMBER: Final = re.compile(r"#?\s*([0-9]{1,4})")
QUOTES: Final = " \t\r\n'\"\u2018\u2019\u201c\u201d`"
# Words that say nothing about which task it is.
FILLERS: Final = frozenset({"the", "a", "an", "my", "our", "this", "that", "task", "tasks", "todo", "to-do"})
# These only where others say more: a title may hold them.
VAGUE: Final = frozenset({"one", "ones", "thing", "things", "stuff", "item", "items", "reminder", "entry", "job"})
WORD: Final = re.compile(r"[^\s,;:.!?()\"“”]+")
# Of those whose words are compared one by one; the newest.
MOST_COMPARED: Final = 3000
# Fewer letters are inside of too many words.
SHORTEST_PART: Final = 3
MAX_MATCHES: Final = 10
MAX_WORDS: Final = 20
PREFERRED: Final[Mapping[bool | None, Sequence[OrderBy]]] = {
    None: (),
    False: (F("completed_at").asc(nulls_first=True),),
    True: (F("completed_at").desc(nulls_last=True),),
}


class Ambiguous(Invalid):
    """Several tasks are meant equally well; ``matches`` are the first of them."""

    def __init__(self, text: str, matches: Sequence[Task]) -> None:
        told = "Several tasks match" if len(matches) > 1 else "Only one task comes near"
        super().__init__("ambiguous_task", f"{told} \u201c{text}\u201d.")
        self.matches = matches


def match_task(user: User, text: str, shown: Sequence[str], *, completed: bool | None = None) -> Task:
    """``shown`` are the ids of the last list; ``completed`` the state of which one of several is meant.

    Raises ``NotFound`` and ``Ambiguous``.
    """
    text = text.strip(QUOTES)[:200]
    task_id = parse_uuid(text) or _numbered(text, shown)
    if task_id and (task := statements.select_task(user.id, task_id)):
        return task
    # Those that are preferred first, or many others would hide them.
    tasks = Task.objects.visible_to(user).order_by(*PREFERRED[completed], "-id")
    if NUMBER.fullmatch(text):
        raise _not_found(text)
    if matches := list(tasks.filter(title_folded=fold(text))[:MAX_MATCHES] if text else ()):
        return _only(text, matches, completed)
    found = _Titles(tasks, text).find()
    if not found.ids:
        raise _not_found(text)
    matches = list(tasks.filter(id__in=found.ids[:MAX_MATCHES]))
    if not found.is_sure:
        raise Ambiguous(text, matches)
    return _only(text, matches, completed)


def knows_task(user: User, text: str) -> bool:
    """Whether words name one task or several, and not by what only comes near."""
    try:
        match_task(user, text, ())
    except Ambiguous as error:
        return len(error.matches) > 1
    except DomainError:
        return False
    return True


def _only(text: str, matches: Sequence[Task], completed: bool | None) -> Task:
    preferred = [task for task in matches if completed is None or task.completed == completed]
    if len(matches) > 1 and len(preferred) != 1:
        raise Ambiguous(text, preferred or matches)
    return (preferred or matches)[0]


def _numbered(text: str, shown: Sequence[str]) -> uuid.UUID | None:
    number = NUMBER.fullmatch(text)
    if number is None or not 1 <= int(number[1]) <= len(shown):
        return None
    return uuid.UUID(shown[int(number[1]) - 1])


@dataclass(frozen=True, slots=True)
class Found:
    ids: Sequence[uuid.UUID] = ()
    # False where the person has to say whether it is the one.
    is_sure: bool = True


class _Titles:
    """What comes near to some words: the titles that hold them, then their forms, then what was mistyped."""

    def __init__(self, tasks: QuerySet[Task], text: str) -> None:
        words = [word for word in WORD.findall(fold(text))[:MAX_WORDS] if word not in FILLERS]
        self._words = [word for word in words if word not in VAGUE] or words
        self._tasks = tasks

    def find(self) -> Found:
        if not self._words:
            return Found()
        rows = self._tasks.values_list("id", "title_folded", "tags")[:MOST_COMPARED]
        titles = [(task_id, title, {fold(tag) for tag in tags}) for task_id, title, tags in rows]
        for is_met in (self._has_words, self._has_forms):
            if ids := [task_id for task_id, title, tags in titles if is_met(title, tags)]:
                return Found(ids)
        if ids := [task_id for task_id, title, _ in titles if all(word in title for word in self._words)]:
            return Found(ids, is_sure=len("".join(self._words)) >= SHORTEST_PART)
        return Found([task_id for task_id, title, _ in titles if self._is_near(title)], is_sure=False)

    def _has_words(self, title: str, tags: Set[str]) -> bool:
        return all(word in title for word in self._words) and set(self._words) <= set(WORD.findall(title))

    def _has_forms(self, title: str, tags: Set[str]) -> bool:
        """A tag stands for any of the words too: "the work report"."""
        if not all(root(word) in title or word in tags or stem(word) in tags for word in self._words):
            return False
        stems = {stem(word) for word in WORD.findall(title.replace("-", " "))} | tags
        return all(stem(word) in stems or word in stems for word in self._words)

    def _is_near(self, title: str) -> bool:
        """One word mistyped, or of several the first one another: "got the ink" of "Buy ink"."""
        words = WORD.findall(title)
        near = [
            word in words or root(word) in title or any(is_slip(word, other) for other in words) for word in self._words
        ]
        return all(near) or (len(near) > 1 and all(near[1:]))


def _not_found(text: str) -> DomainError:
    if NUMBER.fullmatch(text):
        return NotFound("task_not_found", f"There is no task number {text.lstrip('# ')} in the last list shown.")
    return NotFound("task_not_found", f"No task matches \u201c{text}\u201d.")
