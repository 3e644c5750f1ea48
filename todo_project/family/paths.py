"""Other spellings of the API's paths, as text: whoever comes after sees the usual one."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

VERSION: Final = "/api/v1/"
USERS: Final = re.compile(r"/api/users(/[^/]+/tasks(?:/.*)?)")
SIGNUP: Final = "/api/auth/signup"
LOGIN: Final = "/api/auth/login"
ACCOUNTS: Final = {
    "/api/auth/register": SIGNUP,
    "/api/register": SIGNUP,
    "/api/signup": SIGNUP,
    "/api/auth/signin": LOGIN,
    "/api/signin": LOGIN,
    "/api/login": LOGIN,
}


def usual(path: str) -> str:
    """The API's own spelling of a path without a trailing slash; one that is its own comes back as it is."""
    if path.startswith(VERSION):
        path = f"/api/{path[len(VERSION) :]}"
    if match := USERS.fullmatch(path):
        return f"/api{match[1]}"
    return ACCOUNTS.get(path, path)


class SpellingMiddleware:
    """To stand behind the one that takes off trailing slashes. ``request.path``, which links are made of, stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.path_info = usual(request.path_info)
        return self._get_response(request)
