"""``/metrics`` beside the API, for whoever has ``METRICS_TOKEN``; without one there is no such page."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.rest import problems
from core.telemetry import metrics


def show(request: HttpRequest) -> HttpResponse:
    if settings.METRICS_TOKEN is None:
        return problems.response(404, "not_found")
    if not may_read(request.META.get("HTTP_AUTHORIZATION", "")):
        return problems.response(401, "not_authenticated")
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def may_read(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    told = token.strip().encode("latin-1", "replace")
    return scheme.lower() == "bearer" and secrets.compare_digest(told, str(settings.METRICS_TOKEN).encode())
