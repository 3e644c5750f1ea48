import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from core import logs
from core.rest import bodies, problems

GetResponse = Callable[[HttpRequest], HttpResponse]

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Gives each request an id: the caller's if it is well-formed, else a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)
        # Not reset afterwards: Django logs the response once all middleware has run.
        logs.request_id.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined] # for those who keep it, as the security log does
        response = self._get_response(request)
        response["X-Request-ID"] = request_id
        return response


class LengthMiddleware:
    """Every answer tells its length, those of the middleware above Django's too; HEAD sends no more than that.

    The server drops the body of a HEAD itself, but with a warning for each.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.streaming or response.status_code in (204, 304):
            return response
        response.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD":
            response.content = b""
        return response


class ProblemMiddleware:
    """Whoever else refuses a request (Django's decorators, WhiteNoise), it becomes a problem too."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code < 400 or problems.is_page(request) or problems.is_ours(response):
            return response
        headers = {"Allow": response["Allow"]} if "Allow" in response else {}
        return problems.of_status(response.status_code, headers=headers)


class HealthMiddleware:
    """``/health``: says that the process answers, without I/O and whatever the Host header."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in ("/health", "/health/") and request.method in ("GET", "HEAD"):
            return JsonResponse({"status": "healthy"})
        return self._get_response(request)


class BodyFaultMiddleware:
    """Says what ``bodies.BufferedBody`` found wrong with the body."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = request.META.get(bodies.FAULT)
        if fault == bodies.TOO_LARGE:
            return problems.response(413, "body_too_large")
        if fault == bodies.TOO_SLOW:
            return problems.response(408, "request_timeout")
        if fault == bodies.INCOMPLETE:
            return problems.response(400, "body_incomplete")
        return self._get_response(request)


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
        elif path.endswith("/") and path.strip("/") and not path.startswith(("/admin/", "/static/")):
            request.path_info = path[:-1]
        return self._get_response(request)


class StaffSiteOnly(MiddlewareMixin):
    """For Django's cookie sessions and what is built on them: a twentieth of the time of a call of the API,
    which looks at no cookie.
    """

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if problems.is_page(request) else self.get_response(request)


class StaffSessionMiddleware(StaffSiteOnly, SessionMiddleware):
    pass


class StaffAuthenticationMiddleware(StaffSiteOnly, AuthenticationMiddleware):
    pass


class StaffMessageMiddleware(StaffSiteOnly, MessageMiddleware):
    pass
