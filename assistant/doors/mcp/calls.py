"""A tool call without a conversation: a turn of one call, with the assistant's tools, plans and confirmations."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts.models import User
from assistant.doors.mcp.definitions import CONFIRM, DEFINITIONS
from assistant.models import PendingAction
from assistant.providers.base import ToolCall
from assistant.tools.plans import Change, Plan, attempt, hold_tasks, summarize
from assistant.tools.results import Result, failure, outcome
from assistant.tools.texts import scrub
from assistant.tools.toolbox import Toolbox
from assistant.turn import confirmations
from core.deleted_owners import stored_for
from core.errors import DomainError
from core.ids import parse_uuid
from core.times import format_timestamp
from tasks.acts import BY_MCP

ASK: Final = "Nothing of that has been done yet. Ask the person; if they agree, call {tool} with action_id {id}."


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    # A sentence, where there is more to say than the result.
    told: str = ""

    @property
    def is_error(self) -> bool:
        return "error" in self.result


def call_tool(user: User, name: str, arguments: Mapping[str, Any]) -> Outcome:
    """What goes wrong is for the model to read, and so no exception."""
    known = DEFINITIONS[name]["inputSchema"]["properties"]
    if unknown := sorted(set(arguments) - set(known)):
        told = f"There is no such argument; there are {', '.join(known)}."
        return Outcome(failure(ValidationError({scrub(unknown[0])[:64]: [told]})))
    return _confirm(user, arguments) if name == CONFIRM else _run_tool(user, name, arguments)


def _run_tool(user: User, name: str, arguments: Mapping[str, Any]) -> Outcome:
    plan = Plan(user.id, may_change=True)
    # Nothing was said, so nothing is named by it: whatever the chat would ask about is asked about.
    toolbox = Toolbox(user, plan, "", (), (), timezone.now().astimezone(UTC), is_quoting=False)
    step = toolbox.run(ToolCall("", name, json.dumps(arguments)))
    if step.change is None:
        return Outcome(_unnumbered(step.result))
    with stored_for(user.id), transaction.atomic():
        if held := plan.held():
            return _asked(confirmations.hold(user.id, None, held, timezone.now()), step.result)
        return Outcome(_run(step.change, user.id))


def _confirm(user: User, arguments: Mapping[str, Any]) -> Outcome:
    action_id = parse_uuid(str(arguments.get("action_id")))
    if action_id is None:
        return Outcome(failure(ValidationError({"action_id": ["Must be the id of a pending action."]})))
    try:
        return _run_waiting(user.id, action_id)
    except confirmations.ActionNotFound as error:
        return Outcome(failure(error))


def _run_waiting(user_id: str, action_id: uuid.UUID) -> Outcome:
    """What waits is one call's, and so one change."""
    with stored_for(user_id), transaction.atomic():
        [change] = confirmations.take(user_id, None, action_id, timezone.now())
        result = _run(change, user_id, strictly=True)
    done = summarize([change], is_done=True)
    return Outcome(result, "" if "error" in result else f"{done[0].upper()}{done[1:]}.")


def _run(change: Change, user_id: str, *, strictly: bool = False) -> Result:
    """In the transaction of the call's end."""
    hold_tasks([change], user_id)
    done = attempt(change, user_id, strictly=strictly, act=BY_MCP)
    if isinstance(done, DomainError):
        return failure(done)
    # What was deleted is told by what is known of it.
    return outcome(change, done) if done else {"task": {"id": str(change.task_id), "title": change.title}}


def _asked(action: PendingAction, result: Result) -> Outcome:
    waiting = {"id": str(action.id), "summary": action.summary, "expires_at": format_timestamp(action.expires_at)}
    told = f"{action.summary} {ASK.format(tool=CONFIRM, id=action.id)}"
    return Outcome({**result, "needs_confirmation": True, "pending_action": waiting}, told)


def _unnumbered(result: Result) -> Result:
    """Numbers of a list mean nothing to the next call."""
    named = {name: result[name] for name in result}
    if "tasks" in named:
        named["tasks"] = [_without_number(task) for task in named["tasks"]]
    if "matches" in named.get("error", {}):
        named["error"] = {**named["error"], "matches": [_without_number(task) for task in named["error"]["matches"]]}
    return named


def _without_number(task: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in task.items() if name != "number"}
