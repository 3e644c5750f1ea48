"""Takes back what a conversation's last turn changed, by the same services, if nothing changed since."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from assistant.models import Conversation
from assistant.tools.plans import Change
from core.times import format_timestamp, parse_timestamp
from tasks.models import Task
from tasks.representation import represent

LIFETIME: Final = timedelta(minutes=15)
# What of a task a turn can change.
FIELDS: Final = ("title", "description", "priority", "due_at", "tags", "completed")
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


def look_before(changes: Iterable[Change], user_id: str) -> Mapping[UUID, Task]:
    """The tasks as they are before they are changed, for ``inverse``."""
    wanted = {change.task_id for change in changes if not change.created_at}
    return {task.id: task for task in Task.objects.filter(user_id=user_id, id__in=wanted)} if wanted else {}


def inverse(before: Task | None, after: Task | None) -> Change | None:
    """Of all that was done to one task; None where nothing is left of it."""
    if before is None:
        return Change("delete_task", after.id, after.title, version=after.version) if after else None
    if after is None:
        return _again(before)
    told, now = represent(before), represent(after)
    fields = {name: told[name] for name in FIELDS if told[name] != now[name]}
    return Change("update_task", after.id, before.title, fields, after.version) if fields else None


def _again(task: Task) -> Change:
    told = represent(task)
    fields = {name: told[name] for name in FIELDS if told[name] not in (None, [], False)}
    return Change("add_task", task.id, task.title, fields, created_at=task.created_at)


def keep(user_id: str, conversation_id: int, inverses: Sequence[Change], now: datetime) -> None:
    """In the transaction of the changes, the last of them first."""
    kept = {"until": format_timestamp(now + LIFETIME), "changes": [change.freeze() for change in reversed(inverses)]}
    Conversation.objects.filter(user_id=user_id, id=conversation_id).update(undo=kept)


def take(user_id: str, conversation_id: int, now: datetime) -> list[Change]:
    """Once; nothing where there is none, or it is too late. In a transaction that has locked the conversation."""
    conversations = Conversation.objects.filter(user_id=user_id, id=conversation_id)
    kept: Any = conversations.values_list("undo", flat=True).first()
    conversations.update(undo={})
    if not kept or parse_timestamp(kept["until"]) <= now:
        return []
    return [Change.thaw(frozen) for frozen in kept["changes"]]
