"""Whether the session of a request has passed its user's second factor."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from staff.models import SecondFactor
from staff.second_factor import factors

KEY: Final = "second_factor"
FOUND: Final = "todo.second_factor"
# Between the password and the code.
SECONDS_TO_PASS: Final = 600


def factor_of(request: HttpRequest) -> SecondFactor | None:
    """Looked up once a request."""
    if FOUND not in request.META:
        request.META[FOUND] = factors.find(request.user.id) if isinstance(request.user, User) else None
    found: SecondFactor | None = request.META[FOUND]
    return found


def forget_factor(request: HttpRequest) -> None:
    """Somebody has just logged in: it is another's now."""
    request.META.pop(FOUND, None)


def has_passed(request: HttpRequest) -> bool:
    factor = factor_of(request)
    if factor is None:
        return not settings.ADMIN_REQUIRE_TOTP
    return bool(request.session.get(KEY) == str(factor.id))


def wait_for_code(request: HttpRequest) -> None:
    """After the password, which by itself opens nothing and is soon forgotten."""
    request.session.set_expiry(SECONDS_TO_PASS)


def pass_through(request: HttpRequest, factor: SecondFactor) -> None:
    request.session.cycle_key()
    request.session[KEY] = str(factor.id)
    request.session.set_expiry(None)
    request.META[FOUND] = factor
