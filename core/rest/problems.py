"""Every error as ``application/problem+json`` (RFC 9457), whoever raised it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions

from core import errors, logs
from core.errors import SENTENCES
from core.rest.titles import title_of

outages = logging.getLogger(logs.OUTAGE)

RETRY_SECONDS: Final = 5
DOMAIN_STATUS: Final[Mapping[type[errors.DomainError], int]] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.InsufficientScope: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.Invalid: 422,
    errors.TooManyRequests: 429,
    errors.BadGateway: 502,
    errors.Unavailable: 503,
}
STATUS_CODES: Final[Mapping[int, str]] = {
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    413: "body_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    429: "throttled",
    431: "headers_too_large",
    500: "server_error",
    503: "unavailable",
}

# By SQLSTATE, or SQLite's name: what says that the database is read only, older than the code (no such table, column or
# function), or behind a pooler that lost a prepared statement within a transaction.
OUTAGES: Final[Mapping[str, str]] = {
    "25006": "read_only",
    "SQLITE_READONLY": "read_only",
    "42P01": "not_migrated",
    "42703": "not_migrated",
    "42883": "not_migrated",
    "26000": "unavailable",
    "42P05": "unavailable",
    "0A000": "unavailable",
}

FieldError = dict[str, str]


class Problem(HttpResponse):
    """A problem document, and its code for whoever looks at the answer on its way out."""

    code: str


def response(
    status: int,
    code: str,
    detail: str | None = None,
    *,
    field_errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem document; ``code`` must be one of ``SENTENCES``, whose sentence is the default detail."""
    document = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail or SENTENCES[code],
        # For clients that look for the sentence here.
        "message": detail or SENTENCES[code],
        "code": code,
        "request_id": logs.request_id.get(),
        "errors": list(field_errors),
    }
    answer = Problem(orjson.dumps(document), status=status, content_type="application/problem+json")
    answer.code = code
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. What it does not know it leaves to Django, which calls ``on_500``."""
    match error:
        case errors.DomainError():
            return _domain(error)
        case exceptions.ValidationError():
            return _validation(error)
        case exceptions.APIException():
            return _api(error)
        case Http404():
            return response(404, "not_found")
        case PermissionDenied():
            return response(403, "forbidden")
        case RequestDataTooBig():
            return response(413, "body_too_large")
    return outage(error)


def outage(error: Exception) -> HttpResponse | None:
    """503 where it is the database's state that is at fault, and not the statement."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    state = str(getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "sqlite_errorname", ""))
    code = OUTAGES.get(state)
    if code is None and not isinstance(error, OperationalError | InterfaceError):
        return None
    outages.warning("Database %s: %s %s", code or "unavailable", type(error.__cause__ or error).__qualname__, state)
    return response(503, code or "unavailable", headers={"Retry-After": str(RETRY_SECONDS)})


def of_status(status: int, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem for an error that says no more than its status."""
    return response(status, STATUS_CODES.get(status, "bad_request"), headers=headers)


def is_ours(answer: HttpResponse) -> bool:
    """Whether the answer is JSON that one of our views made."""
    return answer.get("Content-Type") in ("application/problem+json", "application/json")


def is_page(request: HttpRequest) -> bool:
    """The staff site answers people in HTML."""
    return request.path_info.startswith("/admin/")


def _domain(error: errors.DomainError) -> HttpResponse:
    if isinstance(error, errors.Unavailable):
        outages.warning("Unavailable: %s", type(error.__cause__ or error).__qualname__)
    fields = [_field_error(name, detail, error.code) for name, detail in error.faults.items()]
    headers = domain_headers(error)
    return response(domain_status(error), error.code, error.message, field_errors=fields, headers=headers)


def domain_status(error: errors.DomainError) -> int:
    return next(status for kind, status in DOMAIN_STATUS.items() if isinstance(error, kind))


def domain_headers(error: errors.DomainError) -> dict[str, str]:
    if isinstance(error, errors.TooManyRequests):
        seconds = str(error.retry_after_seconds)
        return {
            "Retry-After": seconds,
            "RateLimit-Limit": str(error.limit),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": seconds,
        }
    if isinstance(error, errors.InsufficientScope):
        # RFC 6750, section 3.1.
        scope = f', scope="{error.scopes}"' if error.scopes else ""
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope"{scope}'}
    return {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, errors.Unavailable) else {}


def _api(error: exceptions.APIException) -> HttpResponse:
    code = str(error.get_codes())
    if code in SENTENCES:
        # Not its detail, which quotes the method and the content type.
        return response(error.status_code, code)
    return of_status(error.status_code)


def _validation(error: exceptions.ValidationError) -> HttpResponse:
    fields = list(flatten(error.detail))
    if all(not field["field"] for field in fields):
        code = fields[0]["code"] if fields[0]["code"] in SENTENCES else "invalid"
        return response(422, code, fields[0]["detail"])
    named = ", ".join(dict.fromkeys(field["field"] for field in fields if field["field"]))
    return response(422, "invalid", f"Not valid: {named}.", field_errors=fields)


def flatten(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested details as a flat list; ``field`` is a dotted path, empty for the whole."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, f"{path}.{own}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, path)
    else:
        yield _field_error(path, str(detail), getattr(detail, "code", "invalid"))


def _field_error(field: str, detail: str, code: str) -> FieldError:
    return {"field": field, "detail": detail, "code": code}


# --- What Django raises outside DRF's views -------------------------------------------------------


def on_400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return response(413, "body_too_large")
    return response(400, "bad_request")


def on_403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.permission_denied(request, exception) if is_page(request) else response(403, "forbidden")


def on_404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.page_not_found(request, exception) if is_page(request) else response(404, "not_found")


def on_outage(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """What a view outside DRF failed with. Raised further up, an error is ``on_500``'s."""
    answer = outage(error)
    if answer is None or not is_page(request):
        return answer
    page = defaults.server_error(request)
    page.status_code = answer.status_code
    page["Retry-After"] = answer["Retry-After"]
    return page


def on_500(request: HttpRequest) -> HttpResponse:
    return defaults.server_error(request) if is_page(request) else response(500, "server_error")
