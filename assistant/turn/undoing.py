"""What a conversation's last turn changed can be taken back, as by the API (``tasks.journal.undoing``)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from assistant.models import Conversation
from assistant.tools.plans import Change
from assistant.tools.results import Step, show
from tasks.entries import Span
from tasks.journal.tokens import make_token
from tasks.journal.undoing import Inverse, Undone
from tasks.models import Task
from tasks.representation import represent

UNDO: Final = re.compile(
    r"(?:(?:please|oops|sorry|no|wait|wrong(?: one| task)?|not that one|mistake|my mistake|actually|ok(?:ay)?|oh"
    r"|never ?mind|scratch that|strike that|forget (?:it|that)|can you|could you|and|hm+)[\s,.!]+)*"
    r"(?:undo|revert|reverse|take back|restore|bring back|roll back|take (?:that|it|this|them) back|put (?:that|it"
    r"|them) back|change (?:that|it) back|go back"
    r"|(?:undo|revert|reverse|take back|restore|bring back|roll back) (?:that|it|this|them|those|all(?: of)? (?:that"
    r"|it)|everything"
    r"|(?:the|my) (?:last|previous) (?:one|change|changes|thing|action|step|command|message)|what you (?:just )?did"
    r"|the deletion))"
    r"(?: (?:again|please|now|how it was|the way it was))*[\s.!]*",
    re.IGNORECASE,
)
# Takes back only what was done just before; else it is said of nothing.
SCRATCH: Final = re.compile(
    r"(?:(?:oops|sorry|no|wait|actually|oh|hm+|ah|ok(?:ay)?|please)[\s,.!]+)*"
    r"(?:scratch|strike|cancel) (?:that|this|it)(?: (?:one|again|please))?[\s.!]*",
    re.IGNORECASE,
)


def is_asked(message: str) -> bool:
    return len(message) <= 80 and bool(UNDO.fullmatch(message.strip()))


def is_scratched(message: str) -> bool:
    """Of what was changed by the message before, if it changed anything."""
    return len(message) <= 80 and bool(SCRATCH.fullmatch(message.strip()))


def keep(user_id: str, conversation_id: int, span: Span, changes: Sequence[Change]) -> str:
    """In the transaction of the changes; returns the token that takes them back, here or by the API. Empty where
    nothing changed, or something for good.
    """
    is_for_good = not settings.TRASH_DAYS and any(change.tool == "delete_task" for change in changes)
    token = "" if is_for_good else make_token(user_id, span)
    if token:
        # As they were called before the first change.
        titles = {str(change.task_id): change.title for change in reversed(changes)}
        kept = {"token": token, "titles": titles}
        Conversation.objects.filter(user_id=user_id, id=conversation_id).update(undo=kept)
    return token


def take(user_id: str, conversation_id: int) -> Mapping[str, Any]:
    """Once; empty where there is none. In a transaction that has locked the conversation."""
    conversations = Conversation.objects.filter(user_id=user_id, id=conversation_id)
    stored: Any = conversations.values_list("undo", flat=True).get()
    conversations.update(undo={})
    kept: Mapping[str, Any] = stored
    return kept


def steps(undone: Undone, titles: Mapping[str, str]) -> list[Step]:
    """What was done to each task, as calls of tools would have."""
    return [_step(inverse, undone.tasks.get(inverse.task_id), titles) for inverse in undone.inverses]


def _step(inverse: Inverse, task: Task | None, titles: Mapping[str, str]) -> Step:
    title = titles.get(str(inverse.task_id), "")
    told = show(represent(task)) if task else {"id": str(inverse.task_id), "title": title}
    if inverse.was_there and not inverse.is_there:
        return Step("add_task", {"title": title}, {"task": told})
    tool = "update_task" if inverse.was_there else "delete_task"
    return Step(tool, {"task": str(inverse.task_id)}, {"task": told})
