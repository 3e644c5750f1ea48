"""A language model behind OpenAI's chat completions: OpenAI itself, Gemini, OpenRouter, a local server.

Kept out of a process that has no model configured: the SDK takes 0.3 s and 25 to 40 MB to import.
"""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import openai

from assistant.providers.base import MAX_NAME_LENGTH, Prompt, Reply
from assistant.providers.openai import connection
from assistant.providers.openai.accumulation import Completion, Nonsense, tool_calls
from assistant.providers.openai.failures import TROUBLES, Failure, of_error, problem

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
# For the first byte, and between any two.
READ_SECONDS: Final = 10.0
# Before the first and the second retry, shortened by up to a quarter: not all come back at once.
PAUSES: Final = (0.5, 1.5)
# Thinking counts too. Tokens a person's task list never needs in one answer.
MAX_TOKENS: Final = 8192
LETTERS_A_TOKEN: Final = 4
# Not every endpoint takes each of these: what to send in the place of one that was refused by name.
# OpenAI's reasoning models take no max_tokens, Mistral knows no other; Mistral (422) and Bedrock behind
# Databricks (400) refuse stream_options; gpt-5.6 and gpt-6 take tools here only with an effort of "none".
INSTEAD: Final[Mapping[str, Mapping[str, Any]]] = {
    "max_completion_tokens": {"max_tokens": MAX_TOKENS},
    "stream_options": {},
    "reasoning_effort": {"reasoning_effort": "none"},
}


class ModelProvider:
    """Thread-safe; connections are made at first use, so after a fork. Seconds and tries are for tests."""

    is_remote = True

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str | None = None,
        reasoning_effort: str | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        parts = urlsplit(base_url)
        # Without what a URL may hold of secrets: user and query.
        name = f"{model} at {parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        self.name = name[:MAX_NAME_LENGTH]
        self._model = model
        self._endpoint = (base_url, api_key or "none")
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._pauses = pauses
        self.options: dict[str, Any] = {
            "max_completion_tokens": MAX_TOKENS,
            "stream_options": {"include_usage": True},
        }
        if reasoning_effort:
            self.options["reasoning_effort"] = reasoning_effort
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        """As ``ChatProvider.reply``. Tries again what may pass, unless a text was written already."""
        connection.deadline.set(prompt.deadline)
        tries = 0
        while True:
            options = self.options
            try:
                return self._ask(prompt, options, write)
            except Failure as failure:
                if self._gives_way(failure, options):
                    continue
                pause = self._pause(failure, tries, prompt.deadline)
                if pause is None:
                    logger.warning("The model failed after %d retries: %s", tries, failure)
                    raise problem(failure) from failure.__cause__ or failure
                logger.info("The model failed and is asked again: %s", failure)
            tries += 1
            time.sleep(pause)

    def close(self) -> None:
        """Its connections; it can still be asked."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    def _ask(self, prompt: Prompt, options: Mapping[str, Any], write: Callable[[str], None]) -> Reply:
        answer = Completion()
        try:
            # Closed also when ``write`` raises, and the response with it.
            with closing(self._chunks(prompt, options)) as chunks:
                for chunk in chunks:
                    if text := answer.add(chunk):
                        write(text)
            return self._reply(prompt, answer)
        except Nonsense as error:
            raise Failure(f"nonsense in the {error}") from error
        except Failure as failure:
            failure.may_pass &= not answer.text
            raise

    def _chunks(self, prompt: Prompt, options: Mapping[str, Any]) -> Generator[Mapping[str, Any]]:
        """Raises ``Failure`` for whatever goes wrong on the way."""
        body: dict[str, Any] = {"model": self._model, "messages": prompt.messages, **options}
        if prompt.tools:
            body |= {"tools": prompt.tools, "tool_choice": "auto"}
        try:
            timeout = self._timeout(prompt.deadline)
            with self._client.chat.completions.create(**body, stream=True, timeout=timeout) as stream:
                for chunk in stream:
                    yield _plain(chunk)
        except TROUBLES as error:
            is_late = time.monotonic() >= prompt.deadline
            raise of_error(connection.OutOfTime() if is_late else error) from error

    def _timeout(self, deadline: float) -> httpx2.Timeout:
        left = deadline - time.monotonic()
        if left <= 0:
            raise connection.OutOfTime
        return httpx2.Timeout(min(self._read_seconds, left), connect=min(self._connect_seconds, left))

    def _reply(self, prompt: Prompt, answer: Completion) -> Reply:
        if not answer.has_begun:
            # A page, or what a service sends that does not stream.
            raise Failure("no answer")
        if answer.finish is None:
            raise Failure("broke off", is_away=True, may_pass=True)
        calls = tool_calls(message := answer.message)
        if not answer.text and not calls:
            # Gemini does that now and then, and not twice.
            raise Failure("said nothing", may_pass=answer.finish == "stop")
        tokens = answer.tokens
        if tokens is None:
            asked = [*prompt.messages, *prompt.tools, message]
            tokens = len(json.dumps(asked, ensure_ascii=False, default=str)) // LETTERS_A_TOKEN
        return Reply(text=answer.text, calls=calls, message=message, tokens=tokens)

    def _gives_way(self, failure: Failure, sent: Mapping[str, Any]) -> bool:
        """Whether the endpoint refused one of our options, which it is never sent again."""
        with self._lock:
            if failure.refusal and sent is not self.options:
                # Another thread found out meanwhile.
                return True
            for name in INSTEAD.keys() - self._refused:
                if name in failure.refusal:
                    self._refused.add(name)
                    kept = {other: value for other, value in self.options.items() if other != name}
                    self.options = {**kept, **INSTEAD[name]}
                    logger.info("The model's endpoint does not take %s as it was sent", name)
                    return True
        return False

    def _pause(self, failure: Failure, tries: int, deadline: float) -> float | None:
        """Seconds, or None where the call has failed for good."""
        if not failure.may_pass or tries >= len(self._pauses):
            return None
        pause = max(failure.retry_after, self._pauses[tries] * (1 - random.random() / 4))  # noqa: S311 - no secret
        return pause if time.monotonic() + pause < deadline else None

    @cached_property
    def _client(self) -> openai.OpenAI:
        return connection.client(*self._endpoint)


def _plain(chunk: Any) -> Mapping[str, Any]:
    """As it came over the line. What the SDK could make nothing of has no fields to look at."""
    if not isinstance(chunk, openai.BaseModel):
        raise TypeError("a chunk that is no object")
    return chunk.to_dict(warnings=False)
