"""What is sent to an endpoint beside the conversation, and in which form, as far as its refusals have told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from assistant.providers.base import ChatMessage, Prompt
from assistant.providers.openai.messages import in_words, with_short_ids, without, without_keywords

# Thinking counts too. Tokens a person's task list never needs in one answer.
MAX_TOKENS: Final = 8192
# What can be refused that is no option, field or word of JSON Schema by its own name.
TOOLS: Final = "tools"
TOOL_CHOICE: Final = "tool_choice"
LONG_IDS: Final = "long ids"


def _usual() -> Mapping[str, Any]:
    return {"max_completion_tokens": MAX_TOKENS, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Terms:
    options: Mapping[str, Any] = field(default_factory=_usual)
    # By name; never sent again.
    refused: frozenset[str] = frozenset()

    def body(self, prompt: Prompt) -> dict[str, Any]:
        messages: Sequence[ChatMessage] = without(prompt.messages, self.refused)
        if LONG_IDS in self.refused:
            messages = with_short_ids(messages)
        if TOOLS in self.refused:
            return {"messages": in_words(messages, prompt.tools), **self.options}
        body = {"messages": messages, **self.options}
        if prompt.tools:
            body["tools"] = without_keywords(prompt.tools, self.refused) if self.refused else prompt.tools
            if TOOL_CHOICE not in self.refused:
                body["tool_choice"] = "auto"
        return body

    def refuse(self, name: str, **options: Any) -> Self:
        """``options``: what is sent instead."""
        kept = {other: value for other, value in self.options.items() if other != name}
        return replace(self, refused=self.refused | {name}, options={**kept, **options})

    def limit(self, name: str, tokens: int) -> Self:
        return replace(self, options={**self.options, name: tokens})
