"""What went wrong with a model's endpoint, and whether it may go right later."""

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx2
import openai

from assistant.providers.openai.connection import OutOfTime, TooLong
from core.errors import BadGateway, Unavailable

# As the SDK has it: request timeouts, lock timeouts, rate limits, the server's own faults.
PASSING: Final = frozenset({408, 409, 429})
# What says that something of the request was not taken: 404 is OpenRouter's, 416 Scaleway's, 500 llama.cpp's.
REFUSALS: Final = frozenset({400, 404, 416, 422, 500})
# The model's own slip, which it seldom makes twice: Groq's word for it, and Gemini's.
SLIPS: Final = ("tool_use_failed", "malformed_function_call", "unexpected_tool_call")
# What the way to a model raises: the SDK, its HTTP client, our bounds, and what is no JSON or no object.
TROUBLES: Final = (openai.OpenAIError, httpx2.HTTPError, OutOfTime, TooLong, ValueError, TypeError, RecursionError)
# What of an error may stand in a log: a word, and no sentence.
WORD: Final = re.compile(r"[\w.\[\]:/-]{1,64}", re.ASCII)
LONGEST_REFUSAL: Final = 10_000


class Failure(Exception):
    """Its text is for the log: kind, status, the provider's code and request id, nothing of what was said."""

    def __init__(
        self,
        kind: str,
        *,
        is_away: bool = False,
        may_pass: bool = False,
        retry_after: float = 0,
        refusal: str = "",
        is_slip: bool = False,
    ) -> None:
        super().__init__(kind)
        # Trying again later may help the person; trying again at once may help us, and after a slip once.
        self.is_away = is_away
        self.may_pass = may_pass or is_slip
        self.is_slip = is_slip
        self.retry_after = retry_after
        # The body that says what was not taken, never to be shown.
        self.refusal = refusal[:LONGEST_REFUSAL]

    @property
    def cause(self) -> str:
        if self.is_away:
            return "away"
        if self.is_slip:
            return "slip"
        return "refused" if self.refusal else "nonsense"


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
    return Failure(type(error).__name__)


def of_event(error: Any) -> Failure:
    """An error in an answer that had begun well: theirs, unless it says otherwise."""
    told = error if isinstance(error, Mapping) else {}
    status = next((int(told[name]) for name in ("status_code", "code") if str(told.get(name)).isdecimal()), 502)
    is_away = _passes(status)
    kind = f"an error in the stream{_words(told)}"
    return Failure(kind, is_away=is_away, may_pass=is_away, refusal=_refusal(status, told), is_slip=_is_slip(told))


def of_slip(finish: str) -> Failure:
    return Failure(f"finished by {finish[:64]!r}" if WORD.fullmatch(finish) else "a malformed call", is_slip=True)


def problem(failure: Failure) -> Unavailable | BadGateway:
    """What the person is told."""
    if failure.is_away:
        return Unavailable("model_unavailable")
    return BadGateway("model_failed")


def _of_status(error: openai.APIStatusError) -> Failure:
    status, headers = error.status_code, error.response.headers
    told = _told(error.body)
    is_away = _passes(status)
    # The SDK obeys it too. A spent account answers 429 for weeks.
    is_final = headers.get("x-should-retry") == "false" or error.code == "insufficient_quota"
    return Failure(
        f"status {status}{_words(told)}, request {(error.request_id or 'unknown')[:100]!r}",
        is_away=is_away,
        may_pass=is_away and not is_final,
        retry_after=_seconds(headers.get("retry-after")),
        refusal=_refusal(status, error.body),
        is_slip=_is_slip(told),
    )


def _told(body: Any) -> Mapping[str, Any]:
    """The error in it; Gemini's is in a list of one."""
    body = body[0] if isinstance(body, list) and body else body
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    return inner if isinstance(inner, Mapping) else {}


def _words(told: Mapping[str, Any]) -> str:
    """Its code, and the option that it names."""
    named = (("code", told.get("code")), ("about", told.get("param")))
    return "".join(f", {name} {str(value)!r}" for name, value in named if value and WORD.fullmatch(str(value)))


def _refusal(status: int, body: Any) -> str:
    return str(body) if status in REFUSALS else ""


def _is_slip(told: Mapping[str, Any]) -> bool:
    return any(word in str(told.get("code")).lower() for word in SLIPS)


def is_slip(finish: str) -> bool:
    return any(word in finish.lower() for word in SLIPS)


def _passes(status: int) -> bool:
    return status in PASSING or status >= 500


def _seconds(value: str | None) -> float:
    """Of a Retry-After; a date is left to our own pauses."""
    return float(value) if value and value.isdecimal() else 0
