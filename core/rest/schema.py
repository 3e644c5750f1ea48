"""What the OpenAPI document says beyond what drf-spectacular can see."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema

from core.errors import SENTENCES
from core.rest.json import MergePatchParser

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. `detail` is a sentence to show a person; `code` is one of:\n\n"
    + "\n".join(f"- `{code}`: {meaning}" for code, meaning in sorted(SENTENCES.items())),
    "required": ["type", "title", "status", "detail", "message", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "message": {"type": "string", "description": "The same as `detail`."},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail", "code"],
                "properties": {name: {"type": "string"} for name in ("field", "detail", "code")},
            },
        },
    },
}


class Schema(AutoSchema):
    """Names operations as their viewset says: ``operation_prefix`` and ``operation_suffix``."""

    def get_operation_id(self) -> str:
        view: Any = self.view
        if not getattr(view, "operation_prefix", ""):
            return str(super().get_operation_id())
        return f"{view.operation_prefix}_{view.action}{view.operation_suffix}"

    def map_parsers(self) -> list[str]:
        types: list[str] = super().map_parsers()
        return types if self.method == "PATCH" else [name for name in types if name != MergePatchParser.media_type]

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "schema_tag", "")
        return [tag] if tag else list(super().get_tags())


def describe_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Gives every operation its error answer."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "A problem", "content": content}
    return result
