"""Django REST Framework's settings: closed by default, and JSON; and those of the document about it."""

from typing import Any, Final

import todo_project
from todo_project import schema_text

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
DOCUMENT: Final[dict[str, Any]] = {
    "TITLE": "Todo API",
    "VERSION": todo_project.__version__,
    "DESCRIPTION": schema_text.DESCRIPTION,
    "TAGS": schema_text.TAGS,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "The host that this document comes from."}],
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": [
        "core.rest.openapi.document.add_components",
        "todo_project.family.schema.describe",
        "todo_project.openapi.finish",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
