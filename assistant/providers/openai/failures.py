"""What went wrong with a model's endpoint, and whether it may go right later."""

from typing import Final

import httpx2
import openai

from assistant.providers.openai.connection import OutOfTime, TooLong
from core.errors import BadGateway, Unavailable

# As the SDK has it: request timeouts, lock timeouts, rate limits, the server's own faults.
PASSING: Final = frozenset({408, 409, 429})
REFUSALS: Final = frozenset({400, 422})
# What the way to a model raises: the SDK, its HTTP client, our bounds, and what is no JSON or no object.
TROUBLES: Final = (openai.OpenAIError, httpx2.HTTPError, OutOfTime, TooLong, ValueError, TypeError, RecursionError)


class Failure(Exception):
    """Its text is for the log: kind, status and the provider's request id, nothing of what was said."""

    def __init__(
        self,
        kind: str,
        *,
        is_away: bool = False,
        may_pass: bool = False,
        retry_after: float = 0,
        refusal: str = "",
    ) -> None:
        super().__init__(kind)
        # Trying again later may help the person; trying again at once may help us.
        self.is_away = is_away
        self.may_pass = may_pass
        self.retry_after = retry_after
        # The body of a 400 or 422, never to be shown.
        self.refusal = refusal


def of_error(error: Exception) -> Failure:
    match error:
        case openai.APIStatusError():
            return _of_status(error)
        case openai.APIConnectionError() | httpx2.HTTPError():
            kind = type(error.__cause__ or error).__name__
            return Failure(kind, is_away=True, may_pass=True)
        case OutOfTime():
            return Failure("out of time", is_away=True)
        case TooLong():
            return Failure("answer too long")
        case openai.APIError():
            return _of_event(error)
    return Failure(type(error).__name__)


def problem(failure: Failure) -> Unavailable | BadGateway:
    """What the person is told."""
    if failure.is_away:
        return Unavailable("model_unavailable")
    return BadGateway("model_failed")


def _of_status(error: openai.APIStatusError) -> Failure:
    status, headers = error.status_code, error.response.headers
    is_away = _passes(status)
    # The SDK obeys it too. A spent account answers 429 for weeks.
    is_final = headers.get("x-should-retry") == "false" or error.code == "insufficient_quota"
    return Failure(
        f"status {status}, request {(error.request_id or 'unknown')[:100]!r}",
        is_away=is_away,
        may_pass=is_away and not is_final,
        retry_after=_seconds(headers.get("retry-after")),
        refusal=str(error.body) if status in REFUSALS else "",
    )


def _of_event(error: openai.APIError) -> Failure:
    """An error that came as an event of a stream that had begun well: theirs, unless it says otherwise."""
    code = error.code or ""
    is_away = _passes(int(code)) if code.isdecimal() else True
    return Failure("an error in the stream", is_away=is_away, may_pass=is_away)


def _passes(status: int) -> bool:
    return status in PASSING or status >= 500


def _seconds(value: str | None) -> float:
    """Of a Retry-After; a date is left to our own pauses."""
    return float(value) if value and value.isdecimal() else 0
