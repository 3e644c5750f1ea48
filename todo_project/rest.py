"""Django REST Framework's settings: closed by default, and JSON."""

from typing import Any, Final

SETTINGS: Final[dict[str, Any]] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.json.StrictJSONParser", "core.rest.json.MergePatchParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.json.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.rest.json.WeighedNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "core.rest.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "core.rest.problems.handle",
    "UNAUTHENTICATED_USER": None,
    # "?format=" would be a way to 404, and before the token is looked at.
    "URL_FORMAT_OVERRIDE": None,
}
