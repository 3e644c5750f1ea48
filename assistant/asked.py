"""A turn that a request asks for, by whichever door it came."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from rest_framework.request import Request

from accounts import limits
from accounts.authentication import caller
from accounts.middleware import report
from accounts.models import User
from assistant import services
from assistant.models import Message
from assistant.providers.base import ChatProvider
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.providers.choosing import configured
from assistant.serializers import represent_turn
from assistant.turn.audience import NOBODY, Audience
from assistant.turn.beginnings import Opened, Said
from assistant.turn.endings import Finish, Turn
from assistant.turn.repeating import kept_answer, tell_again
from assistant.turn.seats import seat
from core.deleted_owners import stored_for
from core.idempotency import claims
from core.idempotency.claims import Call, KeptAnswer
from tasks.journal.tokens import headers_of

BUILTIN: Final = BuiltinProvider()
REPLAYED: Final = {"Idempotency-Replayed": "true"}

# Runs a turn for this audience; the second is called in the transaction of its end.
Work = Callable[[Audience, Finish], Turn]


def admit(request: Request, call: Call | None) -> "Admitted | KeptAnswer":
    """One turn of the caller's, or the answer that its ``Idempotency-Key`` had before. Raises as ``claims.claim`` and
    ``limits.admit_chat`` do. ``call``: read before the body is.
    """
    user = caller(request)
    with stored_for(user.id):
        claimed = claims.claim(call) if call else None
    if isinstance(claimed, KeptAnswer):
        return claimed
    with _given_up_on_failure(user.id, claimed):
        report(request, limits.admit_chat(user.id))
    return Admitted(user, claimed)


@dataclass(slots=True)
class Admitted:
    """Runs the turn, in whichever thread."""

    user: User
    claimed: uuid.UUID | None
    # What is kept, and told at the end, beside the turn.
    beside: dict[str, Any] = field(default_factory=dict)
    # What takes the turn's changes back, once it has ended.
    undo: str = ""

    def run(self, work: Work, audience: Audience = NOBODY) -> Mapping[str, Any]:
        with _given_up_on_failure(self.user.id, self.claimed):
            return self._represent(work(audience, self._keep))

    def speak(self, said: Said, audience: Audience = NOBODY, opened: Opened = lambda begun: None) -> Mapping[str, Any]:
        provider: ChatProvider = configured() or BUILTIN

        def work(audience: Audience, finish: Finish) -> Turn:
            with seat() if provider.is_remote else nullcontext():
                return services.run_turn(self.user, said, provider, opened=opened, audience=audience, finish=finish)

        return self.run(work, audience)

    def speak_again(
        self, message: Message, said: Said, audience: Audience = NOBODY, opened: Opened = lambda begun: None
    ) -> Mapping[str, Any]:
        """Answers a message that was said before. What changed tasks happens once: its answer is told again."""
        if kept := kept_answer(message):
            return self.run(lambda audience, finish: tell_again(kept, audience, finish), audience)
        again = replace(said, conversation_id=message.conversation_id, again=message.id)
        return self.speak(again, audience, opened)

    def _keep(self, turn: Turn) -> None:
        self.undo = turn.undo
        if self.claimed:
            answer = KeptAnswer(200, orjson.dumps(self._represent(turn)), headers_of(turn.undo))
            claims.keep(self.user.id, self.claimed, answer)

    def _represent(self, turn: Turn) -> dict[str, Any]:
        return {**represent_turn(turn), **self.beside}


@contextmanager
def _given_up_on_failure(user_id: str, claimed: uuid.UUID | None) -> Iterator[None]:
    """What did not succeed may be tried again with the same ``Idempotency-Key``."""
    try:
        yield
    except BaseException:
        if claimed:
            claims.give_up(user_id, claimed)
        raise
