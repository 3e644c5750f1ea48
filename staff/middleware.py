from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

from core.rest import problems
from core.sql.row_owner import all_rows
from staff.second_factor.passing import has_passed

# Nothing is evaluated, nothing inline, nothing from elsewhere; a picture may be in the page, such as a QR code.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class PolicyMiddleware:
    """What the staff site's pages may load, those of its errors too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if problems.is_page(request):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class StaffSiteOnly(MiddlewareMixin):
    """For Django's cookies and what is built on them: much of the time of a call of the API, which looks at none."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if problems.is_page(request) else self.get_response(request)


class StaffSessionMiddleware(StaffSiteOnly, SessionMiddleware):
    pass


class StaffCsrfMiddleware(StaffSiteOnly, CsrfViewMiddleware):
    # Elsewhere too a view that is not exempt is refused, should there ever be one: ``process_view`` stays as it is.
    pass


class StaffAuthenticationMiddleware(StaffSiteOnly, AuthenticationMiddleware):
    pass


class StaffMessageMiddleware(StaffSiteOnly, MessageMiddleware):
    pass


class AllRowsMiddleware:
    """The staff site works on everybody; whoever is no staff yet sees its login page alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if problems.is_page(request) and request.user.is_staff and has_passed(request):
            with all_rows("the staff site"):
                return self._get_response(request)
        return self._get_response(request)
