"""What a tool call came to, as clients and providers are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from assistant.tools.matching import Ambiguous
from assistant.tools.plans import Change
from assistant.tools.texts import scrub
from core.errors import DomainError
from core.rest import problems
from tasks.models import Task
from tasks.representation import represent

# What a result tells of a task, where there is something to tell.
SHOWN: Final = ("id", "title", "completed", "priority", "due_at", "tags", "description")

EDITS: Final = ("complete_task", "reopen_task", "update_task")

Arguments = Mapping[str, Any]
Result = dict[str, Any]


@dataclass(slots=True)
class Step:
    """One tool call as a client sees it, and the change it stands for."""

    tool: str
    arguments: Arguments
    result: Result
    change: Change | None = None

    def represent(self) -> dict[str, Any]:
        return {"tool": self.tool, "arguments": dict(self.arguments), "result": self.result}


def show(task: Mapping[str, Any], number: int | None = None) -> Result:
    """A task as results tell of it: without what is empty, or says the same twice."""
    told = {name: task[name] for name in SHOWN if task[name] not in (None, [])}
    return told if number is None else {"number": number, **told}


def shown_of(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a list showed: of its tasks all but their descriptions, which are what may be long."""
    if "tasks" not in result:
        return result
    return {**result, "tasks": [_without_description(task) for task in result["tasks"]]}


def _without_description(task: Mapping[str, Any]) -> Result:
    return {name: value for name, value in task.items() if name != "description"}


def failure(error: DomainError | ValidationError) -> Result:
    if isinstance(error, ValidationError):
        fields = list(problems.flatten(error.detail))
        detail = " ".join(f"{field['field']}: {field['detail']}".removeprefix(": ") for field in fields)
        return {"error": {"code": "invalid_arguments", "detail": scrub(detail)}}
    told: Result = {"code": error.code, "detail": error.message}
    if isinstance(error, Ambiguous):
        told["matches"] = [show(represent(task), number) for number, task in enumerate(error.matches, 1)]
    return {"error": told}


def outcome(change: Change, task: Task | None) -> Result:
    """``task`` is the one that was changed, or that was deleted."""
    result: Result = {"task": show(represent(task))} if task else {}
    if task and change.tool in EDITS and task.version == change.version:
        result["unchanged"] = True
    return result
