import re
import secrets
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from todo_project import bodies, logs, problems

GetResponse = Callable[[HttpRequest], HttpResponse]

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Gives each request an id: the caller's if it is well-formed, else a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)
        token = logs.request_id.set(request_id)
        try:
            response = self._get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class HealthMiddleware:
    """``/health``: says that the process answers, without I/O and whatever the Host header."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in ("/health", "/health/") and request.method in ("GET", "HEAD"):
            return JsonResponse({"status": "healthy"})
        return self._get_response(request)


class BodyLimitMiddleware:
    """Turns what ``bodies.BufferedBody`` found too large into a 413."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(bodies.TOO_LARGE) or _declared_length(request) > bodies.MAX_BODY_BYTES:
            return problems.response(413, "body_too_large")
        return self._get_response(request)


def _declared_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


class TrailingSlashMiddleware:
    """Serves every path of the API with and without a trailing slash, never by redirect.

    The staff site keeps its slashes: it is written for them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path == "/admin":
            request.path_info = "/admin/"
        elif path.endswith("/") and len(path) > 1 and not path.startswith(("/admin/", "/static/")):
            request.path_info = path[:-1]
        return self._get_response(request)
