"""The documentation pages. All they load is served from here, and the policy header enforces it."""

import threading
from functools import cache
from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

# Both pages style elements from script; ReDoc searches in a worker made from a blob.
POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
MAKING: Final = threading.Lock()


def _document() -> bytes:
    """One at a time: the generator keeps its state in the process."""
    with MAKING:
        return make_document()


@cache
def make_document() -> bytes:
    """The same for everyone and as long as the process lives."""
    return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call] # untyped library


def forget() -> None:
    """For another configuration."""
    make_document.cache_clear()


# None takes a form: what is not read is 405 for a browser too, and not a missing token of the staff site's forms.
@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_document(), content_type="application/json")


@csrf_exempt
@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    return _page(request, "docs/swagger.html")


@csrf_exempt
@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    return _page(request, "docs/redoc.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    response = render(request, template)
    response["Content-Security-Policy"] = POLICY
    return response
