"""When a request may be sent again, and how long to wait before. Who sends and who waits is the caller."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Final

import httpx2

REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
PASSING: Final = frozenset({408, 429, 502, 503, 504})
REFRESH: Final = "/api/auth/refresh"


@dataclass(frozen=True)
class Patience:
    """How often a request is sent at most, and seconds: before the second, and the longest that is ever waited."""

    attempts: int = 4
    first_wait: float = 0.25
    longest_wait: float = 20.0


PATIENCE: Final = Patience()

# None: send it. A number: wait so many seconds.
Steps = Generator[float | None, httpx2.Response | httpx2.TransportError | None, httpx2.Response]


def patiently(request: httpx2.Request, patience: Patience) -> Steps:
    """Takes what became of each sending, an error of the way included; returns the last answer as it is."""
    for attempt in count(1):
        outcome = yield None
        is_last = attempt >= patience.attempts or not is_safe(request)
        if isinstance(outcome, httpx2.Response):
            wait = None if is_last or not is_passing(outcome) else wait_after(outcome, attempt, patience)
            if wait is None:
                return outcome
        # Whether it was done is unknown. With If-Match a repetition of what was done would be a 412 that misleads.
        elif isinstance(outcome, httpx2.TransportError):
            if is_last or "If-Match" in request.headers:
                raise outcome
            wait = back_off(attempt, patience)
        else:
            raise TypeError("A sending ends in an answer or an error.")
        yield wait
    raise AssertionError("count() has no end")


def is_safe(request: httpx2.Request) -> bool:
    """For a while the service answers a refresh token that it has replaced with the same successor."""
    is_refresh = request.url.path.endswith(REFRESH)
    return request.method in REPEATABLE or "Idempotency-Key" in request.headers or is_refresh


def is_passing(response: httpx2.Response) -> bool:
    if response.status_code in PASSING:
        return True
    # The first with the same key still runs.
    return response.status_code == 409 and b'"idempotency_in_progress"' in response.content


def wait_after(response: httpx2.Response, attempt: int, patience: Patience) -> float | None:
    """None where it would be longer than anybody waits."""
    asked = retry_after(response.headers.get("Retry-After"))
    if asked is None:
        return back_off(attempt, patience)
    if asked > patience.longest_wait:
        return None
    # A little more, and not the same for everybody who was told so.
    return asked + random.random() * patience.first_wait  # noqa: S311 - a wait, no secret


def retry_after(value: str | None) -> float | None:
    """Seconds, of seconds or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def back_off(attempt: int, patience: Patience) -> float:
    most = min(patience.longest_wait, patience.first_wait * 2.0 ** (attempt - 1))
    return most * random.uniform(0.5, 1.0)  # noqa: S311 - a wait, no secret
