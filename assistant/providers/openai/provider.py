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

from assistant.providers.base import FAILURES, MAX_NAME_LENGTH, TURN_SECONDS, Prompt, Reply
from assistant.providers.openai import connection
from assistant.providers.openai.accumulation import Completion
from assistant.providers.openai.failures import TROUBLES, Failure, is_slip, of_error, of_event, of_slip, problem
from assistant.providers.openai.merging import Nonsense
from assistant.providers.openai.prompts import call_ids, told_texts, tool_names
from assistant.providers.openai.reading import read_chunks
from assistant.providers.openai.refusals import give_way
from assistant.providers.openai.terms import Terms

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
# For the first byte, and between any two.
READ_SECONDS: Final = 10.0
# Before the first and the second retry, shortened by up to a quarter: not all come back at once.
PAUSES: Final = (0.5, 1.5)
LETTERS_A_TOKEN: Final = 4
NO_LIST: Final = frozenset({404, 405})


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
        # A model that is slow to begin leaves as much for its answers as another.
        self.turn_seconds = TURN_SECONDS + max(0, read_seconds - READ_SECONDS)
        self._model = model
        self._endpoint = (base_url, api_key or "none")
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._pauses = pauses
        self._terms = Terms()
        if reasoning_effort:
            self._terms = Terms({**self._terms.options, "reasoning_effort": reasoning_effort})
        # Whether its answers begin within a thought.
        self._is_aloud = False
        self._lock = threading.Lock()

    @property
    def options(self) -> Mapping[str, Any]:
        return self._terms.options

    def reply(self, prompt: Prompt, write: Callable[[str], None]) -> Reply:
        """As ``ChatProvider.reply``. Tries again what may pass, unless a text was written already."""
        connection.deadline.set(prompt.deadline)
        tries = 0
        for asks in range(1, max(prompt.most_asks, 1) + 1):
            terms = self._terms
            try:
                return self._ask(prompt, terms, write, asks)
            except Failure as failure:
                FAILURES.count(failure.cause)
                may_ask = asks < prompt.most_asks
                if may_ask and self._gives_way(failure, terms, prompt):
                    continue
                pause = self._pause(failure, tries, prompt.deadline) if may_ask else None
                if pause is None:
                    logger.warning("The model failed after %d retries: %s", tries, failure)
                    raise problem(failure) from failure.__cause__ or failure
                logger.info("The model failed and is asked again: %s", failure)
            tries += 1
            time.sleep(pause)
        raise AssertionError

    def look(self, seconds: float) -> None:
        """Asks for the models' names, which costs nothing. Raises ``Failure``, also for a key that is not taken."""
        until = time.monotonic() + seconds
        connection.deadline.set(until)
        try:
            self._client.models.with_raw_response.list(timeout=self._timeout(until))
        except TROUBLES as error:
            # Not every endpoint has a list.
            if getattr(error, "status_code", None) not in NO_LIST:
                raise of_error(error) from error

    def close(self) -> None:
        """Its connections; it can still be asked."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    def _ask(self, prompt: Prompt, terms: Terms, write: Callable[[str], None], asks: int) -> Reply:
        answer = Completion(tool_names(prompt), is_aloud=self._is_aloud)
        try:
            # Closed also when ``write`` raises, and the response with it.
            with closing(self._chunks(prompt, terms)) as chunks:
                for chunk in chunks:
                    if text := answer.add(chunk):
                        write(text)
            if text := answer.end(told_texts(prompt.messages)):
                write(text)
            return self._reply(prompt, answer, asks)
        except Nonsense as error:
            raise Failure(f"nonsense in the {error}") from error
        except Failure as failure:
            failure.may_pass &= not answer.text
            raise

    def _chunks(self, prompt: Prompt, terms: Terms) -> Generator[Mapping[str, Any]]:
        """Raises ``Failure`` for whatever goes wrong on the way."""
        body = {"model": self._model, **terms.body(prompt)}
        try:
            timeout = self._timeout(prompt.deadline)
            with self._client.chat.completions.create(**body, stream=True, timeout=timeout) as stream:
                for chunk in read_chunks(stream.response):
                    if error := chunk.get("error"):
                        raise of_event(error)
                    yield chunk
        except TROUBLES as error:
            is_late = time.monotonic() >= prompt.deadline
            raise of_error(connection.OutOfTime() if is_late else error) from error

    def _timeout(self, deadline: float) -> httpx2.Timeout:
        left = deadline - time.monotonic()
        if left <= 0:
            raise connection.OutOfTime
        return httpx2.Timeout(min(self._read_seconds, left), connect=min(self._connect_seconds, left))

    def _reply(self, prompt: Prompt, answer: Completion, asks: int) -> Reply:
        if not answer.has_begun:
            # A page, or what is no answer at all.
            raise Failure("no answer")
        finish = str(answer.finish or "")
        if is_slip(finish):
            raise of_slip(finish)
        message, calls = answer.reply(call_ids(prompt.messages))
        if not finish and not ((answer.text or calls) and answer.are_calls_whole):
            # Some never say that they have finished; then what they said has to be whole by itself.
            raise Failure("broke off", is_away=True, may_pass=True)
        if finish == "error":
            raise Failure("finished by an error", is_away=True, may_pass=True)
        if not answer.text.strip() and not calls:
            # Gemini does that now and then, and not twice.
            raise Failure("said nothing", may_pass=finish == "stop")
        self._is_aloud |= answer.has_leaked
        tokens = answer.tokens
        if tokens is None:
            asked = [*prompt.messages, *prompt.tools, message]
            tokens = len(json.dumps(asked, ensure_ascii=False, default=str)) // LETTERS_A_TOKEN
        return Reply(text=answer.text, calls=calls, message=message, tokens=tokens, asks=asks)

    def _gives_way(self, failure: Failure, sent: Terms, prompt: Prompt) -> bool:
        """Whether the endpoint refused something of the request that it can do without."""
        with self._lock:
            if failure.refusal and sent is not self._terms:
                # Another thread found out meanwhile.
                return True
            change = give_way(sent, failure.refusal, prompt) if failure.refusal else None
            if change is None:
                return False
            name, self._terms = change
        logger.info("The model's endpoint does not take %s as it was sent: %s", name, failure)
        return True

    def _pause(self, failure: Failure, tries: int, deadline: float) -> float | None:
        """Seconds, or None where the call has failed for good."""
        if not failure.may_pass or tries >= (1 if failure.is_slip else len(self._pauses)):
            return None
        pause = max(failure.retry_after, self._pauses[tries] * (1 - random.random() / 4))  # noqa: S311 - no secret
        return pause if time.monotonic() + pause < deadline else None

    @cached_property
    def _client(self) -> openai.OpenAI:
        return connection.client(*self._endpoint)
