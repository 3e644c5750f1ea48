import re
import secrets
from collections.abc import Callable
from http import HTTPMethod
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core import logs
from core.rest import bodies, problems
from core.rest.json import ACCEPT_PATCH
from core.rest.routes import route_of
from core.sql import row_owner
from core.telemetry import records, traces

GetResponse = Callable[[HttpRequest], HttpResponse]

BODY_FAULTS: Final = {
    bodies.TOO_LARGE: (413, "body_too_large"),
    bodies.TOO_SLOW: (408, "request_timeout"),
    bodies.INCOMPLETE: (400, "body_incomplete"),
}
# Of a wildcard there are any number.
MAX_KNOWN_HOSTS: Final = 100
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Gives each request an id, the caller's if it is well-formed, else a new one; and keeps what is told of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent, made = request.META.get("HTTP_X_REQUEST_ID", ""), secrets.token_hex(24)
        request_id = sent if REQUEST_ID.fullmatch(sent) else made[:32]
        trace = traces.go_on(request.META.get("HTTP_TRACEPARENT"), made[:32], made[32:])
        record = request.META[records.RECORD] = records.Record(request_id, trace)
        # Neither is reset afterwards: Django logs the response once all middleware has run.
        records.begin(record)
        logs.request_id.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined] # for those who keep it, as the security log does
        response = self._get_response(request)
        response["X-Request-ID"] = request_id
        record.route, record.code = route_of(request), getattr(response, "code", None)
        # Who was presented and refused may be somebody else.
        if response.status_code != 401:
            record.user_id = _caller_id(request)
        return response


def _caller_id(request: HttpRequest) -> str | None:
    """Without a look at the database: of a token, or of the staff site's session where somebody has read it."""
    found: str | None = getattr(getattr(request, "auth", None), "user_id", None)
    return found or getattr(request.__dict__.get("_cached_user"), "pk", None)


class RowOwnerMiddleware:
    """A request sees nobody's rows until its caller is known, and leaves none open to the next one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with row_owner.rows_of(None):
            return self._get_response(request)


class LengthMiddleware:
    """Every answer that may have a body tells its length; HEAD sends no more than that.

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

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return problems.on_outage(request, error)


class BodyMiddleware:
    """Says what ``bodies.BufferedBody`` found wrong with the body, and that none is read which is compressed.

    An empty one has no type: of a form's, in which what is missing is a box that was not ticked, DRF would read false.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = request.META.get(bodies.FAULT)
        if fault is not None:
            return problems.response(*BODY_FAULTS[fault])
        if request.META.get("CONTENT_LENGTH") in (None, "", "0"):
            request.META.pop("CONTENT_TYPE", None)
            return self._get_response(request)
        if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
            # RFC 9110, section 15.5.16.
            return problems.response(415, "unsupported_encoding", headers={"Accept-Encoding": "identity"})
        return self._get_response(request)


class OptionsMiddleware:
    """Answers ``OPTIONS`` before anybody asks who is calling: which methods a path has is no secret.

    Who sent another kind of patch is told which are taken.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        # Of Django's decorators and of WhiteNoise, which know no OPTIONS.
        if request.method == "OPTIONS" and response.status_code == 405 and not problems.is_page(request):
            return HttpResponse(status=204, headers={"Allow": f"{response['Allow']}, OPTIONS"})
        if request.method == "PATCH" and response.status_code == 415:
            response["Accept-Patch"] = ACCEPT_PATCH
        return response

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        # The staff site's views have no class of DRF's.
        if request.method != "OPTIONS" or not hasattr(view, "cls"):
            return None
        allowed = view.initkwargs.get("http_method_names", view.cls.http_method_names)
        names = getattr(view, "actions", None) or [
            name for name in HTTPMethod if name.lower() in allowed and hasattr(view.cls, name.lower())
        ]
        methods = dict.fromkeys(name.upper() for name in names)
        if "GET" in methods:
            methods["HEAD"] = None
        methods["OPTIONS"] = None
        headers = {"Accept-Patch": ACCEPT_PATCH} if "PATCH" in methods else {}
        return HttpResponse(status=204, headers={"Allow": ", ".join(methods), **headers})


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


class FixedHeadersMiddleware:
    """What Django's ``SecurityMiddleware`` tells browsers, with files and refused hosts too: the same each time, so the
    settings are read once. Https is left to whoever terminates TLS.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        for name, value in self._headers.items():
            response.headers[name] = value
        return response


class HostMiddleware:
    """Serves the hosts of ``ALLOWED_HOSTS`` alone, and in nobody's frame but where a view says so.

    A ``Host`` that was let in is let in again unread; no other header names one (``USE_X_FORWARDED_HOST`` is off).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._frame = settings.X_FRAME_OPTIONS
        self._known: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST")
        if host not in self._known:
            # Raises ``DisallowedHost``, which is a 400.
            request.get_host()
            if host and len(self._known) < MAX_KNOWN_HOSTS:
                self._known.add(host)
        response = self._get_response(request)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", self._frame)
        return response
