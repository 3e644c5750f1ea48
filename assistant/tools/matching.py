"""Which task a person or a model means: by id, by its number in the last list shown, by words of its title."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import F, OrderBy, QuerySet

from accounts.models import User
from core.errors import DomainError, Invalid, NotFound
from core.ids import parse_uuid
from tasks import statements
from tasks.folding import fold
from tasks.models import Task

NUMBER: Final = re.compile(r"#?\s*([0-9]{1,4})")
QUOTES: Final = " \t\r\n'\"\u2018\u2019\u201c\u201d`"
# Words that say nothing about which task it is.
FILLERS: Final = frozenset({"the", "a", "an", "my", "this", "that", "task", "todo"})
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
        super().__init__("ambiguous_task", f"Several tasks match \u201c{text}\u201d.")
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
    for look in (_by_title, _by_words):
        matches = list(look(tasks, text)[:MAX_MATCHES])
        if matches:
            return _only(text, matches, completed)
    raise _not_found(text)


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


def _by_title(tasks: QuerySet[Task], text: str) -> QuerySet[Task]:
    return tasks.filter(title_folded=fold(text)) if text else tasks.none()


def _by_words(tasks: QuerySet[Task], text: str) -> QuerySet[Task]:
    words = fold(text).split()[:MAX_WORDS]
    words = [word for word in words if word not in FILLERS]
    if not words or NUMBER.fullmatch(text):
        return tasks.none()
    for word in words:
        tasks = tasks.filter(title_folded__contains=word)
    return tasks


def _not_found(text: str) -> DomainError:
    if NUMBER.fullmatch(text):
        return NotFound("task_not_found", f"There is no task number {text.lstrip('# ')} in the last list shown.")
    return NotFound("task_not_found", f"No task matches \u201c{text}\u201d.")
