from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers


class OriginMiddleware(CorsMiddleware):
    """As it is, for who comes from a page. For the others it would make a mapping of all headers to find out that
    one is missing, a twentieth of a request's time.
    """

    def add_response_headers(self, request: HttpRequest, response: Any) -> Any:
        if "HTTP_ORIGIN" in request.META or not getattr(request, "_cors_enabled", False):
            return super().add_response_headers(request, response)
        if "Vary" in response:
            patch_vary_headers(response, ("origin",))
        else:
            response["Vary"] = "origin"
        return response
