"""What answers a turn: a language model, or the built-in one. Knows nothing of people or tasks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from assistant.understanding import Understanding
from core.telemetry import metrics

# A message of OpenAI's chat completions: ``role`` and what goes with it.
ChatMessage = Mapping[str, Any]
# As it is stored with each message.
MAX_NAME_LENGTH: Final = 200

FAILURES: Final = metrics.Counter("todo_model_failures_total", "Calls that failed, retries included.", "cause")
# What a turn may take.
TURN_SECONDS: Final = 30.0
GEMINI_URL: Final = "https://generativelanguage.googleapis.com/v1beta/openai/"


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    # JSON as the provider wrote it, which may be none.
    arguments: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one call of a provider goes by.

    ``messages`` are in the chat-completions format: the instructions (``system``), what was said before,
    the person's message as the last of role ``user``, and after it this turn's own exchange: the
    provider's earlier messages, each followed by its tools' results (role ``tool``, JSON text).
    ``tools`` are function definitions of the same format; without any the answer has to be text.
    """

    messages: Sequence[ChatMessage]
    tools: Sequence[Mapping[str, Any]]
    # The person's clock: aware, in their time zone.
    now: datetime
    # What the person's message says to the built-in understanding, which is made once a turn.
    understanding: Understanding
    # On ``time.monotonic()``: when the turn has to be over.
    deadline: float
    # How often the endpoint may be asked for the reply, what it refuses counted.
    most_asks: int = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """Text, tool calls, or both. Without tool calls the text ends the turn."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    # As it came, with whatever the provider wants to see again; goes into the next prompt unchanged.
    message: ChatMessage = field(default_factory=dict)
    # Prompt and answer together, as the provider counts them; 0 where nobody pays for them.
    tokens: int = 0
    # How often it was asked for.
    asks: int = 1


class ChatProvider(Protocol):
    # Whose messages can be replayed to whom: a provider sees only exchanges of its own name again.
    name: str
    # Whether a call waits for something outside: then nothing of ours is held meanwhile.
    is_remote: bool
    # How long a turn with it may take.
    turn_seconds: float

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        """``write`` gets the text piece by piece as it comes; what it raises ends the call at once. Of a text that
        turned out to be something else more may have been written than is replied.

        Raises ``Unavailable`` when trying again later may help, ``BadGateway`` when it will not.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """Where the assistant's model is: an OpenAI-compatible endpoint."""

    provider: str
    api_key: str | None = field(repr=False)
    base_url: str | None
    model: str | None
