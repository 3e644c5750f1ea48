"""What drf-spectacular finds out about a view, and what it cannot see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import PolymorphicProxySerializer

from core.rest.json import MergePatchParser
from core.rest.openapi import headers, refusals
from core.rest.titles import title_of

EMPTY: Final = {"type": "string", "maxLength": 0}
NO_BODY: Final = "No response body"


class Schema(AutoSchema):
    """Names operations as their viewset says: ``operation_prefix`` and ``operation_suffix``."""

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        self._asked = str(args[3])
        operation: dict[str, Any] | None = super().get_operation(*args)
        if operation is not None:
            self._complete(operation)
        return operation

    def get_operation_id(self) -> str:
        view: Any = self.view
        if not getattr(view, "operation_prefix", ""):
            return str(super().get_operation_id())
        return f"{view.operation_prefix}_{view.action}{view.operation_suffix}"

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular's own
        """Docstrings are for those who read the code."""
        return ""

    def map_parsers(self) -> list[str]:
        types: list[str] = super().map_parsers()
        return types if self.method == "PATCH" else [name for name in types if name != MergePatchParser.media_type]

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "schema_tag", "")
        return [tag] if tag else list(super().get_tags())

    def _complete(self, operation: dict[str, Any]) -> None:
        answers: dict[str, Any] = operation["responses"]
        # Of each kind; drf-spectacular gives them to JSON alone.
        kinds = operation.get("requestBody", {}).get("content", {})
        examples = {name: shown for kind in kinds.values() for name, shown in kind.get("examples", {}).items()}
        for content in kinds.values() if examples else ():
            content["examples"] = examples
        for status, answer in answers.items():
            answer["headers"] = headers.described(self._headers(int(status)), self.registry)
            if answer["description"] in ("", NO_BODY):
                answer["description"] = title_of(int(status))
        refused = refusals.possible(
            self.view, self._handler, has_body="requestBody" in operation, is_list=self._is_list_view()
        )
        for code, codes in refused.items():
            answers.setdefault(str(code), refusals.described(code, codes, self.registry))
        operation["responses"] = dict(sorted(answers.items()))

    @property
    def _handler(self) -> Any:
        return getattr(self.view, getattr(self.view, "action", None) or self._asked.lower())

    @property
    def _paginator(self) -> Any:
        return self._get_paginator()  # type: ignore[no-untyped-call] # untyped library

    def _headers(self, status: int) -> list[str]:
        counted = headers.LIMITS if self.view.authentication_classes else getattr(self.view, "counts", ())
        own = getattr(self._handler, "answer_headers", {}).get(status, ())
        paged = getattr(self._paginator, "answer_headers", ()) if self._is_list_view() and status == 200 else ()
        return ["X-Request-ID", *counted, *own, *paged]

    def _get_request_body(self, *args: Any) -> dict[str, Any] | None:
        """Of a deletion too, where it was declared; drf-spectacular knows none."""
        handler = self._handler
        with self._as_post(self.method == "DELETE" and getattr(handler, "reads_body", False)):
            body: dict[str, Any] | None = super()._get_request_body(*args)  # type: ignore[no-untyped-call] # untyped library
        return body

    def _get_request_for_media_type(self, serializer: Any, *args: Any) -> Any:
        with self._as_post(getattr(self._handler, "reads_whole", False)):
            schema, is_required = super()._get_request_for_media_type(serializer, *args)  # type: ignore[no-untyped-call] # untyped library
        # Of several shapes each has something that must be sent.
        return schema, is_required or isinstance(serializer, PolymorphicProxySerializer)

    @contextmanager
    def _as_post(self, is_meant: bool) -> Iterator[None]:
        method = self.method
        self.method = "POST" if is_meant else method
        try:
            yield
        finally:
            self.method = method

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """In an answer all is there that ``Meta.may_be_missing`` does not name. What a body may leave out has no
        ``default``: generators of clients would have it sent.
        """
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call] # untyped library
        properties = schema.get("properties", {})
        schema.pop("description", None)
        for name, described in properties.items():
            properties[name] = _plain(described)
            if getattr(serializer.fields[name], "allow_empty", True) is False:
                properties[name]["minItems"] = 1
        if direction == "response":
            missing = getattr(getattr(serializer, "Meta", None), "may_be_missing", ())
            schema["required"] = [name for name in properties if name not in missing]
        return schema


def _plain(described: dict[str, Any]) -> dict[str, Any]:
    """Without a default, without the empty text that is taken only to be refused in better words, and without
    ``allOf`` around a single reference, which OpenAPI 3.0 needed.
    """
    told = {name: value for name, value in described.items() if name != "default"}
    choices = told.get("oneOf", [])
    if EMPTY in choices:
        (only,) = [choice for choice in told.pop("oneOf") if choice != EMPTY]
        told |= only
    if len(told.get("allOf", [])) == 1:
        told |= told.pop("allOf")[0]
    return told
