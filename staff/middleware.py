from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

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


class AllRowsMiddleware:
    """The staff site works on everybody; whoever is no staff yet sees its login page alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and request.user.is_staff and has_passed(request):
            with all_rows("the staff site"):
                return self._get_response(request)
        return self._get_response(request)
