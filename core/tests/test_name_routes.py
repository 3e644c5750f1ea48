import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.urls import ResolverMatch, get_resolver

from core.rest.routes import route_of
from testing.callers import Caller


def routes(resolver: Any, above: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = above + str(pattern.pattern)
        yield from routes(pattern, route) if hasattr(pattern, "url_patterns") else [route]


def test_every_route_has_a_template_without_patterns() -> None:
    found = []
    for route in routes(get_resolver()):
        request = HttpRequest()
        request.resolver_match = ResolverMatch(lambda: None, (), {}, route=route)
        found.append(route_of(request))

    assert len(found) > 50
    assert "/api/{user_id}/tasks/{task_id}/complete" in found
    assert all(name and re.fullmatch(r"(/|(/[\w.-]+|/\{\w+\})+/?)", name) for name in found), found


@pytest.mark.parametrize(
    ("path", "template"),
    [("/nope/ada@example.com", None), ("/static/docs/../x", "/static/{path}"), ("/health/", "/health")],
)
def test_what_is_no_view_has_none_or_its_own(anonymous: Caller, path: str, template: str | None) -> None:
    answer = anonymous.client.get(path)

    assert route_of(answer.wsgi_request) == template


@pytest.mark.parametrize(
    ("path", "said", "template"),
    [
        ("/static/app.js", None, "/static/{path}"),
        ("/health", "/health", "/health"),
        ("/static/app.js", "/assets", "/assets"),
        ("/ada@example.com", None, None),
    ],
)
def test_what_nobody_looked_up_is_named_by_who_answered_it(path: str, said: str | None, template: str | None) -> None:
    request = HttpRequest()
    request.path_info = path
    if said:
        vars(request)["route"] = said

    assert route_of(request) == template
