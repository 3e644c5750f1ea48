import re

from django.conf import settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


def check_origin(request: Request) -> None:
    """A page's own server and those of ``ALLOWED_ORIGINS`` alone: whoever rebinds a name to us is none of them.

    Raises ``PermissionDenied``. Programs that are no browser send no ``Origin``.
    """
    origin = request.headers.get("Origin")
    if origin is None or settings.CORS_ALLOW_ALL_ORIGINS or origin == f"{request.scheme}://{request.get_host()}":
        return
    if not any(re.fullmatch(allowed, origin) for allowed in settings.CORS_ALLOWED_ORIGIN_REGEXES):
        raise PermissionDenied
