from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse

from accounts.allowances import Allowance
from todo_project import problems
from todo_project.errors import DomainError

if TYPE_CHECKING:
    from rest_framework.request import Request

GetResponse = Callable[[HttpRequest], HttpResponse]
ALLOWANCE: Final = "todo.allowance"
REFUSAL: Final = "todo.refusal"


def report(request: "HttpRequest | Request", allowance: Allowance) -> None:
    """Has the answer to this request tell what is left."""
    request.META[ALLOWANCE] = allowance


def report_refusal(request: HttpRequest, error: DomainError) -> None:
    """Gives the page that shows this error its status and headers."""
    request.META[REFUSAL] = error


class RateLimitMiddleware:
    """``RateLimit-*`` on every answer to a request that was counted."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        refusal: DomainError | None = request.META.get(REFUSAL)
        if refusal:
            response.status_code = problems.domain_status(refusal)
            for name, value in problems.domain_headers(refusal).items():
                response[name] = value
        allowance: Allowance | None = request.META.get(ALLOWANCE)
        # A refusal has its own numbers.
        if allowance and "RateLimit-Limit" not in response:
            response["RateLimit-Limit"] = str(allowance.limit)
            response["RateLimit-Remaining"] = str(allowance.remaining)
            response["RateLimit-Reset"] = str(allowance.reset_seconds)
        return response
