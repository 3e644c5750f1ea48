"""What a turn may do: one thin door for each tool onto the rules and the reads of ``tasks``.

No tool takes a user: each works for the person whose turn it is. What goes wrong is data for the
provider, in the words a client of the API would get.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts.models import User
from assistant.providers.base import ToolCall
from assistant.tools import looks
from assistant.tools.arguments import only, parse_arguments, read_reference
from assistant.tools.matching import Ambiguous, match_task
from assistant.tools.moving import MOVES, moved
from assistant.tools.plans import Change, Plan, Proposal
from assistant.tools.results import Arguments, Result, Step, failure, outcome, show
from assistant.tools.texts import contains_words, scrub
from assistant.tools.tidying import tidy
from core.errors import DomainError, Invalid
from core.ids import uuid7
from core.texts import fold
from tasks.models import Task
from tasks.serializers import read_changes, read_draft
from tasks.tags import merge_tags

DRAFT: Final = ("title", "description", "priority", "due_at", "tags")
EMPTY: Final[Mapping[str, Any]] = {"due_at": None, "description": None, "tags": []}


class Toolbox:
    def __init__(
        self,
        user: User,
        plan: Plan,
        said: str,
        deletions: Sequence[str],
        shown: Sequence[str],
        now: datetime,
        *,
        is_quoting: bool,
    ) -> None:
        """``now`` is in the person's zone.

        ``said`` is the person's message, ``deletions`` the tasks it says to delete, ``shown`` the last list.

        ``is_quoting``: numbers of tasks come out of the person's message, so of the list they saw before it;
        else of whichever list was shown last.
        """
        self._user = user
        self._plan = plan
        self._said = said
        self._now = now
        # The arguments of a call as clients are told: with what became of words that only the tasks give a meaning.
        self._meant: Arguments = {}
        self.shown = list(shown)
        self._quoted = tuple(shown) if is_quoting else ()
        # Before anything is planned: a task renamed to what the person said is not what they said.
        self._named = frozenset(_find_all(user, deletions, shown))
        self._tools: Mapping[str, Callable[[Arguments], tuple[Result, Change | None]]] = {
            "add_task": self._add,
            "list_tasks": self._list,
            "search_tasks": self._search,
            "complete_task": lambda arguments: self._edit("complete_task", arguments, {"completed": True}),
            "reopen_task": lambda arguments: self._edit("reopen_task", arguments, {"completed": False}),
            "update_task": self._update,
            "delete_task": self._delete,
        }

    def run(self, call: ToolCall) -> Step:
        """Does what can be done at once and plans the rest."""
        arguments: Arguments = {}
        name = scrub(call.name)[:64]
        try:
            arguments = parse_arguments(call.arguments)
            arguments = self._meant = tidy(name, arguments, self._now)
            if name not in self._tools:
                raise Invalid("unknown_tool", f"There is no tool of that name; there are {', '.join(self._tools)}.")
            result, change = self._tools[name](arguments)
        except (DomainError, ValidationError) as error:
            if isinstance(error, Ambiguous):
                self.shown = [str(task.id) for task in error.matches]
            return Step(name, arguments, failure(error))
        return Step(name, self._meant, result, change)

    def mark_held(self, steps: Iterable[Step]) -> None:
        """Those whose changes, as the turn stands now, will wait for the person's yes."""
        held = self._plan.held()
        for step in steps:
            if step.change in held:
                step.result["needs_confirmation"] = True

    # Changes.

    def _add(self, arguments: Arguments) -> tuple[Result, Change | None]:
        fields = only(arguments, DRAFT)
        title = read_draft(fields)["title"]
        now = timezone.now()
        return self._propose(
            lambda: (Change("add_task", uuid7(now), title, fields, created_at=now, is_named=self._lists(title)), None)
        )

    def _update(self, arguments: Arguments) -> tuple[Result, Change | None]:
        fields = only(arguments, DRAFT) | {name: EMPTY[name] for name in arguments.get("clear", ())}
        tags = only(arguments, ("add_tags", "remove_tags"))
        if not fields and not tags and not set(MOVES) & set(arguments):
            raise ValidationError({"task": ["Nothing is given to change it to."]})
        return self._edit("update_task", arguments, fields, tags)

    def _edit(
        self, tool: str, arguments: Arguments, fields: Mapping[str, Any], tags: Mapping[str, Any] | None = None
    ) -> tuple[Result, Change | None]:
        read_changes(fields)

        def find() -> Task:
            # Of two that are called the same, the open one is to be completed.
            return self._find(arguments, completed={"complete_task": False, "reopen_task": True}.get(tool))

        def propose() -> Proposal:
            task = find()
            edited = {**fields, "tags": _retag(task, fields, tags)} if tags else fields
            if move := only(arguments, MOVES):
                due_at = moved(task.due_at, move, self._now).isoformat(timespec="seconds")
                edited = {**edited, "due_at": due_at}
                self._meant = {**_without(arguments, MOVES), "due_at": due_at}
            read_changes(edited)
            return Change(tool, task.id, task.title, edited, task.version), task

        return self._propose(propose, find)

    def _delete(self, arguments: Arguments) -> tuple[Result, Change | None]:
        def propose() -> Proposal:
            task = self._find(arguments)
            change = Change("delete_task", task.id, task.title, {}, task.version, is_named=task.id in self._named)
            return change, task

        return self._propose(propose, lambda: self._find(arguments))

    def _propose(
        self, propose: Callable[[], Proposal], find: Callable[[], Task] | None = None
    ) -> tuple[Result, Change]:
        change, task = self._plan.add(propose, find)
        return outcome(change, task), change

    def _find(self, arguments: Arguments, *, completed: bool | None = None) -> Task:
        reference = read_reference(arguments)
        return match_task(self._user, reference, self._quoted or self.shown, completed=completed)

    def _lists(self, title: str) -> bool:
        return contains_words(self._said, title)

    # Looks.

    def _list(self, arguments: Arguments) -> tuple[Result, None]:
        return self._show(looks.read_list(self._user.id, arguments)), None

    def _search(self, arguments: Arguments) -> tuple[Result, None]:
        return self._show(looks.read_search(self._user.id, arguments)), None

    def _show(self, look: looks.Look) -> Result:
        with self._plan.rehearsed():
            tasks, count, is_more = look.tasks(self._user.id)
        self._meant = look.arguments
        # What was shown before keeps its numbers.
        self.shown = [*self.shown[: look.offset], *(task["id"] for task in tasks)]
        numbered = [show(task, number) for number, task in enumerate(tasks, 1 + look.offset)]
        return {"tasks": numbered, "count": count, "more": is_more}


def _without(arguments: Arguments, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name not in names}


def _find_all(user: User, references: Iterable[str], shown: Sequence[str]) -> Iterator[uuid.UUID]:
    """The tasks that a person's message surely names."""
    for reference in references:
        # Nothing, or one of several, is not.
        with suppress(DomainError):
            yield match_task(user, reference, shown).id


def _retag(task: Task, fields: Mapping[str, Any], tags: Mapping[str, Any]) -> list[str]:
    """Raises ``ValidationError``."""
    added = read_changes({"tags": tags.get("add_tags", [])})["tags"]
    removed = {fold(tag) for tag in read_changes({"tags": tags.get("remove_tags", [])})["tags"]}
    present = fields.get("tags", task.tags)
    return [tag for tag in merge_tags([*present, *added]) if fold(tag) not in removed]
