import re
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest

GROUP: Final = re.compile(r"\(\?P<(\w+)>[^()]*\)")
CONVERTER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


def route_of(request: HttpRequest) -> str | None:
    """The template of the path, ``/api/{user_id}/tasks``; None: it is no path of ours, or was not looked for.

    Middleware that answers in a view's place says ``request.route`` itself.
    """
    if request.resolver_match is not None:
        return _template(request.resolver_match.route)
    said: str | None = getattr(request, "route", None)
    return said or (f"{settings.STATIC_URL}{{path}}" if request.path_info.startswith(settings.STATIC_URL) else None)


@lru_cache(1024)
def _template(route: str) -> str:
    return "/" + CONVERTER.sub(r"{\1}", GROUP.sub(r"{\1}", route)).replace("^", "").replace("$", "")
