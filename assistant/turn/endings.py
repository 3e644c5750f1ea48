"""How a turn ends: in one transaction its changes, what waits for a yes, and the answer that tells of both."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from assistant.models import Conversation, Message, PendingAction, Role
from assistant.providers.base import ChatMessage, ChatProvider
from assistant.tools.plans import Change, Plan, attempt, summarize
from assistant.tools.results import Step, failure, outcome, shown_of
from assistant.tools.toolbox import Toolbox
from assistant.turn import confirmations, undoing
from assistant.turn.audience import Audience
from assistant.turn.claims import correction
from assistant.turn.history import count_messages, keep_message
from assistant.turn.talk import Talk
from core.deleted_owners import caller_is_gone, stored_for
from core.errors import Conflict, DomainError, Invalid, NotFound
from tasks.entries import spanning
from tasks.journal.undoing import undo

CONFIRM: Final = "Nothing of that has been done yet: say \u201cyes\u201d within 10 minutes to go ahead."
UNFINISHED: Final = "I could not bring this to an end in the steps a turn may take, so nothing was changed."
DONE: Final = "Done."
UNDONE: Final = "I took that back: {titles} as before."
NOTHING_TO_UNDO: Final = "There is nothing I could take back: that goes for 15 minutes after a change."
CHANGED_SINCE: Final = "Something of that has changed since, so I cannot take it back; nothing was changed."


@dataclass(slots=True)
class Turn:
    """What a turn came to, as clients get it."""

    conversation_id: int
    response: str = ""
    steps: list[Step] = field(default_factory=list)
    pending_action: PendingAction | None = None
    # The answer, once it is kept.
    message: Message | None = None
    # What takes its changes back, where there are any.
    undo: str = ""


# Called in the transaction of the turn's end.
Finish = Callable[[Turn], None]


class Ending:
    """Each way raises ``NotFound`` if the conversation was deleted meanwhile, ``Unauthenticated`` if the account
    was, ``QuotaExceeded`` if it has no room for the answer; then nothing has changed.
    """

    def __init__(self, user: User, conversation: Conversation, audience: Audience, finish: Finish) -> None:
        self.audience = audience
        self._user_id = user.id
        self._conversation = conversation
        self._finish = finish

    def say(self, text: str, *, said: str | None = None) -> Turn:
        """Keeps ``said`` as the person's message before."""
        turn = Turn(self._conversation.id, text)
        with stored_for(self._user_id), transaction.atomic():
            self._hear(said)
            self._close(turn)
        self.audience.hear(text)
        return turn

    def refuse(self, action_id: uuid.UUID, text: str, *, said: str) -> Turn:
        """Forgets what waits. Raises ``NotFound`` as ``confirm`` does."""
        turn = Turn(self._conversation.id, text)
        with stored_for(self._user_id), transaction.atomic():
            self._hear(said)
            confirmations.take(self._user_id, self._conversation.id, action_id, timezone.now())
            self._close(turn)
        self.audience.hear(text)
        return turn

    def confirm(self, action_id: uuid.UUID, *, said: str | None = None, chosen: frozenset[int] | None = None) -> Turn:
        """Runs what waits, or the ``chosen`` of its changes, and keeps ``said`` as the person's message before.
        Raises ``NotFound`` too for an action that does not wait, or no more.
        """
        turn = Turn(self._conversation.id)
        with stored_for(self._user_id), transaction.atomic():
            self._hear(said)
            changes = confirmations.take(self._user_id, self._conversation.id, action_id, timezone.now())
            turn.steps = [_step(change) for number, change in enumerate(changes) if chosen is None or number in chosen]
            turn.response = self._run(turn, turn.steps, strictly=True)
            self._close(turn)
        self._publish(turn.steps, turn.response)
        return turn

    def take_back(self) -> Turn:
        """What the last turn that changed anything did: all of it, or nothing where something changed since."""
        turn = Turn(self._conversation.id)
        with stored_for(self._user_id), transaction.atomic():
            self._hold_conversation()
            kept = undoing.take(self._user_id, self._conversation.id)
            turn.response = self._taken_back(turn, kept) if kept else NOTHING_TO_UNDO
            self._close(turn)
        self._publish(turn.steps, turn.response)
        return turn

    def _taken_back(self, turn: Turn, kept: Mapping[str, Any]) -> str:
        try:
            with transaction.atomic():
                undone = undo(self._user_id, kept["token"])
        except Invalid:
            return NOTHING_TO_UNDO
        except Conflict:
            return CHANGED_SINCE
        titles = ", ".join(f"\u201c{title}\u201d" for title in kept["titles"].values())
        turn.steps = undoing.steps(undone, kept["titles"])
        turn.undo = undone.token
        return UNDONE.format(titles=titles)

    def settle(self, talked: Talk, toolbox: Toolbox, plan: Plan, provider: ChatProvider) -> Turn:
        turn = Turn(self._conversation.id, steps=talked.steps)
        with stored_for(self._user_id), transaction.atomic():
            self._hold_conversation(shown=list(toolbox.shown))
            for message, told in talked.told:
                message["content"] = json.dumps(shown_of(told))
            tail = self._end(turn, plan) if talked.is_finished else _undo(turn)
            # Of a message that only asks to see something an answer may tell what was done before.
            is_told = talked.is_finished and provider.is_remote and plan.may_change
            corrected = correction(talked.text, turn.steps) if is_told else ""
            turn.response = "\n\n".join(text for text in (talked.text, corrected, tail) if text) or DONE
            self._close(
                turn,
                provider=provider.name,
                exchange=_kept(talked.exchange, turn.response) if provider.is_remote else [],
                tokens=talked.tokens,
            )
        self._publish([step for step in turn.steps if step.change], turn.response[len(talked.text) :])
        return turn

    def _end(self, turn: Turn, plan: Plan) -> str:
        """Runs what may be run, holds the rest, which ``Toolbox.mark_held`` has marked; what is to be said about it
        beyond the provider's words.
        """
        held = plan.held()
        problems = self._run(turn, [step for step in turn.steps if step.change not in held])
        if not held:
            return problems
        turn.pending_action = confirmations.hold(self._user_id, self._conversation.id, held, timezone.now())
        return "\n\n".join(filter(None, (problems, f"{turn.pending_action.summary} {CONFIRM}")))

    def _run(self, turn: Turn, steps: Sequence[Step], *, strictly: bool = False) -> str:
        """``strictly``: as the person said yes to it, and then told in full; else only what failed is."""
        done: list[Change] = []
        failed: list[str] = []
        with spanning(self._user_id) as span:
            for step in steps:
                if step.change:
                    self._change(step, step.change, done, failed, strictly=strictly)
        turn.undo = undoing.keep(self._user_id, self._conversation.id, span, done)
        return "\n".join([*_told(done if strictly else ()), *failed])

    def _change(self, step: Step, change: Change, done: list[Change], failed: list[str], *, strictly: bool) -> None:
        result = attempt(change, self._user_id, strictly=strictly)
        if isinstance(result, DomainError):
            step.result = failure(result)
            failed.append(f"\u201c{change.title}\u201d was left as it is: {result.message}")
            return
        # What was deleted is shown as it was.
        step.result = outcome(change, result) if result else step.result
        done.append(change)

    def _hold_conversation(self, *, messages: int = 1, **fields: Any) -> None:
        """Until the end of the transaction no other turn of it ends, and nobody deletes it."""
        moved = Greatest(Value(timezone.now()), "updated_at")
        if not count_messages(self._user_id, self._conversation.id, messages, updated_at=moved, **fields):
            raise caller_is_gone(self._user_id) or conversation_not_found()

    def _hear(self, said: str | None) -> None:
        self._hold_conversation(messages=2 if said else 1)
        if said:
            keep_message(self._conversation, Role.PERSON, said)

    def _close(self, turn: Turn, **more: Any) -> None:
        # A list of fifty long tasks, kept with each turn that looks at it, came to 300 kB.
        steps = [{**step.represent(), "result": shown_of(step.result)} for step in turn.steps]
        turn.message = keep_message(self._conversation, Role.ASSISTANT, turn.response, tool_calls=steps, **more)
        # Whoever has gone by now has nothing changed.
        self.audience.hear("")
        self._finish(turn)

    def _publish(self, steps: Sequence[Step], tail: str) -> None:
        for step in steps:
            self.audience.watch(step)
        self.audience.hear(tail)


def conversation_not_found() -> NotFound:
    return NotFound("conversation_not_found")


def _undo(turn: Turn) -> str:
    for step in turn.steps:
        if step.change:
            step.result = {"error": {"code": "turn_not_finished", "detail": UNFINISHED}}
    return UNFINISHED


def _told(changes: Sequence[Change]) -> list[str]:
    text = summarize(changes, is_done=True)
    return [f"{text[0].upper()}{text[1:]}."] if text else []


def _step(change: Change) -> Step:
    task = {"id": str(change.task_id), "title": change.title}
    arguments = change.fields if change.created_at else {"task": task["id"], **change.fields}
    return Step(change.tool, arguments, {"task": task}, change)


def _kept(exchange: Sequence[ChatMessage], response: str) -> list[ChatMessage]:
    """What the provider sees again next time: its own words as they came, where the service added none. It had the
    last one of them.
    """
    *before, last = exchange
    # Calls that nobody answered any more would have the next prompt refused.
    own = {"role": Role.ASSISTANT} if last.get("tool_calls") else last
    return [*before, {**own, "content": response}]
