from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """orjson, so that times and texts are written as PostgreSQL's JSON functions write them."""

    media_type = "application/json"
    format = "json"
    # RFC 8259: JSON has no charset parameter.
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        body = b"" if data is None else orjson.dumps(data)
        _let_go(renderer_context or {})
        return body


def _let_go(context: Mapping[str, Any]) -> None:
    """Undoes the ring of view, response and this context, in which each answer's bytes would stay until
    the garbage collector comes by. Nobody looks at them after the rendering.
    """
    view = context.get("view")
    if view is not None:
        view.response = None
    if isinstance(context, dict):
        context.clear()
