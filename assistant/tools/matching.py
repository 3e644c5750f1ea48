"""Which task a person or a model means: by id, by its number in the last list shown, by words of its title."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import F, OrderBy

from accounts.models import User
from assistant.tools.titles import Titles
from core.errors import DomainError, Invalid, NotFound
from core.ids import parse_uuid
from core.texts import fold
from tasks import statements
from tasks.models import Task

NUMBER: Final = re.compile(r"#?\s*([0-9]{1,4})")
QUOTES: Final = " \t\r\n'\"\u2018\u2019\u201c\u201d`"
MAX_MATCHES: Final = 10
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
    found = Titles(tasks).find(text)
    if not found.ids:
        raise _not_found(text)
    matches = list(tasks.filter(id__in=found.ids[:MAX_MATCHES]))
    if not found.is_sure:
        raise Ambiguous(text, matches)
    return _only(text, matches, completed)


def _only(text: str, matches: Sequence[Task], completed: bool | None) -> Task:
    preferred = [task for task in matches if task.completed == completed]
    if len(matches) > 1 and len(preferred) != 1:
        raise Ambiguous(text, preferred or matches)
    return (preferred or matches)[0]


def _numbered(text: str, shown: Sequence[str]) -> uuid.UUID | None:
    number = NUMBER.fullmatch(text)
    if number is None or not 1 <= int(number[1]) <= len(shown):
        return None
    return uuid.UUID(shown[int(number[1]) - 1])


def _not_found(text: str) -> DomainError:
    if NUMBER.fullmatch(text):
        return NotFound("task_not_found", f"There is no task number {text.lstrip('# ')} in the last list shown.")
    return NotFound("task_not_found", f"No task matches \u201c{text}\u201d.")
