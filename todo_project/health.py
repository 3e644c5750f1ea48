import logging
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_exempt
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

import todo_project
from core.rest import problems
from core.rest.openapi.declaring import operation
from core.rest.views import PublicView
from todo_project import row_security

logger = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("unapplied migrations")


def _cache() -> None:
    cache.set("health", "ok", 5)
    if cache.get("health") != "ok":
        raise RuntimeError("the cache forgot at once")


# False: it is off, but nothing failed.
CHECKS: Final[dict[str, Callable[[], bool | None]]] = {
    "database": _database,
    "migrations": _migrations,
    "row_security": row_security.is_on,
    "cache": _cache,
    # Where it is off, so is account recovery.
    "mail": lambda: settings.MAIL_IS_ON,
}
IN_DATABASE: Final = ("migrations", "row_security")


@method_decorator(xframe_options_exempt, name="dispatch")
class WelcomeView(PublicView):
    """May be framed: a hosting site shows the service's front page in its own."""

    @operation(
        "Where am I?",
        description="What this is, and where its pages are.",
        tags=["general"],
        operation_id="welcome",
        responses=inline_serializer(
            "Welcome",
            {
                "message": serializers.CharField(),
                "status": serializers.CharField(),
                "version": serializers.CharField(),
                "docs": serializers.CharField(),
                "redoc": serializers.CharField(),
                "openapi": serializers.CharField(),
                "health": serializers.CharField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "message": "Welcome to the Todo API",
                "status": "healthy",
                "version": todo_project.__version__,
                "docs": "/docs",
                "redoc": "/redoc",
                "openapi": "/openapi.json",
                "health": "/health",
            }
        )


class HealthView(PublicView):
    """Reached only by other methods than GET and HEAD: ``ProbeMiddleware`` answers those."""

    @operation(
        "Is the process alive?",
        description="Asks nobody else, and takes any Host header.",
        tags=["general"],
        operation_id="health",
        responses=inline_serializer("Health", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "healthy"})


READINESS: Final = inline_serializer(
    "Readiness",
    {
        "status": serializers.CharField(help_text="`ready` or `unavailable`"),
        "checks": serializers.DictField(
            child=serializers.CharField(),
            help_text="`ok` or `failed`: database, migrations, cache; where row_security or mail is `off`, it is ready",
        ),
    },
)


class ReadyView(PublicView):
    @operation(
        "Can it serve requests?",
        description="Looks at the database, its migrations and the cache, and takes any Host header.",
        tags=["general"],
        operation_id="ready",
        headers={503: ("Retry-After",)},
        responses={200: READINESS, 503: READINESS},
    )
    def get(self, request: Request) -> Response:
        checks = _outcomes()
        if "failed" not in checks.values():
            return Response({"status": "ready", "checks": checks})
        headers = {"Retry-After": str(problems.RETRY_SECONDS)}
        return Response({"status": "unavailable", "checks": checks}, status=503, headers=headers)


class ProbeMiddleware:
    """Both probes, whatever the Host header: ``/health`` without I/O says that the process answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._ready = ReadyView.as_view()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info.removesuffix("/")
        if path == "/health" and request.method in ("GET", "HEAD"):
            return JsonResponse({"status": "healthy"})
        if path == "/health/ready" and request.method in ("GET", "HEAD"):
            answer: HttpResponseBase = self._ready(request).render()
            return answer
        return self._get_response(request)


def _outcomes() -> dict[str, str]:
    outcomes: dict[str, str] = {}
    for name, check in CHECKS.items():
        # Without the database there is no second wait for what is in it.
        is_hopeless = name in IN_DATABASE and outcomes["database"] == "failed"
        outcomes[name] = "failed" if is_hopeless else _outcome(name, check)
    return outcomes


def _outcome(name: str, check: Callable[[], bool | None]) -> str:
    try:
        is_off = check() is False
    except Exception as error:  # noqa: BLE001 - whatever a part fails with, it is not ready
        logger.warning("Not ready: %s (%s)", name, type(error).__qualname__)
        return "failed"
    return "off" if is_off else "ok"
