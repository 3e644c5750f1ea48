from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.sql.row_owner import all_rows


class AllRowsMiddleware:
    """The staff site works on everybody; whoever is no staff yet sees its login page alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and request.user.is_staff:
            with all_rows("the staff site"):
                return self._get_response(request)
        return self._get_response(request)
