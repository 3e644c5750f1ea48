"""What was done, or why it was not, on the next page."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.models import User
from core.errors import DomainError


def told(request: HttpRequest, run: Callable[[], str], *, then: str, otherwise: str = "") -> HttpResponse:
    """``run`` says what it did. Leads to ``then``; where a rule was broken, to ``otherwise`` if there is one."""
    try:
        done = run()
    except DomainError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(otherwise or then)
    messages.success(request, done)
    return HttpResponseRedirect(then)


def staff_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
