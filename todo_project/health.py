from collections.abc import Callable
from typing import Final

from django.conf import settings
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
from core.sql import deadline
from todo_project import metrics_page, readiness

# Of the code that runs: its release, and the commit it was built from, where that is known.
VERSION: Final = {"version": todo_project.__version__, "commit": settings.COMMIT}
VERSION_FIELDS: Final = {
    "version": serializers.CharField(),
    "commit": serializers.CharField(allow_null=True, help_text="null: not known"),
}


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
        responses=inline_serializer("Health", {"status": serializers.CharField(), **VERSION_FIELDS}),
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "healthy", **VERSION})


READINESS: Final = inline_serializer(
    "Readiness",
    {
        "status": serializers.CharField(
            help_text="`ready`; `degraded`, which is 200 too: cache or replica are away, or nothing can be written; "
            "`unavailable`; `draining`: it is about to stop"
        ),
        "checks": serializers.DictField(
            child=serializers.CharField(),
            help_text="`ok` or `failed`: database, which may be `read_only`, migrations, cache, and where there is one "
            "replica, which may be `behind`; where row_security or mail is `off`, it is ready",
        ),
        "milliseconds": serializers.DictField(child=serializers.FloatField(), help_text="What each look took"),
        **VERSION_FIELDS,
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
        report = readiness.look(deadline.since())
        body = {"status": report.status, "checks": report.checks, "milliseconds": report.milliseconds, **VERSION}
        if report.is_ready:
            return Response(body)
        return Response(body, status=503, headers={"Retry-After": str(problems.RETRY_SECONDS)})


class ProbeMiddleware:
    """For those who call by address, whatever the Host header. ``/health`` without I/O: the process answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._ready = ReadyView.as_view()
        self._looks: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
            "/health": lambda _: JsonResponse({"status": "healthy", **VERSION}),
            "/health/ready": self._look_ready,
            "/metrics": metrics_page.show,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info.removesuffix("/")
        look = self._looks.get(path) if request.method in ("GET", "HEAD") else None
        if look is None:
            return self._get_response(request)
        request.route = path  # type: ignore[attr-defined] # for ``core.rest.routes``
        return look(request)

    def _look_ready(self, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = self._ready(request).render()
        return answer
