import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse

from accounts import security_log
from accounts.limits import OVER_GENERAL_LIMIT
from accounts.security_log import Kind
from core.errors import DomainError
from core.limits.allowances import Allowance
from core.rest import problems
from core.rest.client import client_of, group_address
from core.rest.problems import Problem

if TYPE_CHECKING:
    from rest_framework.request import Request

GetResponse = Callable[[HttpRequest], HttpResponse]
ALLOWANCE: Final = "todo.allowance"
REFUSAL: Final = "todo.refusal"
# In place of a code, which a page has none of.
STAFF_SITE: Final = "staff_site"
MAX_WRITTEN: Final = 1000
_written: dict[str, float] = {}


def report(request: "HttpRequest | Request", allowance: Allowance) -> None:
    """Has the answer to this request tell what is left."""
    request.META[ALLOWANCE] = allowance


def report_refusal(request: HttpRequest, error: DomainError) -> None:
    """Gives the page that shows this error its status and headers."""
    request.META[REFUSAL] = error


class RateLimitMiddleware:
    """``RateLimit-*`` on every answer to a request that was counted, and refusals into the security log."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        refusal: DomainError | None = request.META.get(REFUSAL)
        if refusal:
            response.status_code = problems.domain_status(refusal)
            for name, value in problems.domain_headers(refusal).items():
                response[name] = value
        if response.status_code == 429:
            _write_down(request, response.code if isinstance(response, Problem) else STAFF_SITE)
        allowance: Allowance | None = request.META.get(ALLOWANCE)
        # A refusal has its own numbers.
        if allowance and "RateLimit-Limit" not in response:
            response["RateLimit-Limit"] = str(allowance.limit)
            response["RateLimit-Remaining"] = str(allowance.remaining)
            response["RateLimit-Reset"] = str(allowance.reset_seconds)
        return response


def _write_down(request: HttpRequest, reason: str) -> None:
    """The general limit protects capacity: what it refuses is written once a second at most."""
    client = client_of(request)
    if reason != OVER_GENERAL_LIMIT or _is_due(group_address(client.address)):
        security_log.count(Kind.THROTTLED, client, reason=reason)


def _is_due(address: str) -> bool:
    now = time.monotonic()
    if now - _written.get(address, -1.0) < 1:
        return False
    if len(_written) >= MAX_WRITTEN:
        _written.clear()
    _written[address] = now
    return True


def forget_refusals() -> None:
    """Starts afresh, as a new process does."""
    _written.clear()
