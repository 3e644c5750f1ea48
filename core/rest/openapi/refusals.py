"""The answers of an operation that refuse: which can occur, and what they look like."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drf_spectacular.plumbing import ComponentRegistry

from core.errors import SENTENCES
from core.rest.openapi import headers
from core.rest.openapi.declaring import BODY, EVERYWHERE, Refusals, component, merged, record
from core.rest.titles import title_of

TEXT: Final = {"type": "string"}
CODE: Final = component(
    "ProblemCode",
    {
        "type": "string",
        "description": "A stable word for what went wrong:\n\n"
        + "\n".join(f"- `{code}`: {meaning}" for code, meaning in sorted(SENTENCES.items())),
        "enum": sorted(SENTENCES),
    },
)
FIELD_ERROR: Final = component(
    "FieldError",
    record(
        description="What is wrong with one field.",
        field=TEXT | {"description": "Its name; within others dotted: `operations.0.data.title`. Empty: the whole."},
        detail=TEXT | {"description": "A sentence to show beside it."},
        code=TEXT | {"description": "A stable word, such as `required`, `blank`, `max_length` or `invalid`."},
    ),
)
PROBLEM: Final = component(
    "Problem",
    record(
        description="What went wrong (RFC 9457).",
        type={"type": "string", "const": "about:blank"},
        title=TEXT | {"description": "The status in words."},
        status={"type": "integer", "description": "That of the answer."},
        detail=TEXT | {"description": "A sentence to show a person."},
        message=TEXT | {"description": "The same as `detail`."},
        code=CODE,
        request_id=TEXT | {"description": "The same as the header `X-Request-ID`."},
        errors={"type": "array", "items": FIELD_ERROR, "description": "The fields at fault, where some are."},
    ),
)


def possible(view: Any, handler: Any, *, has_body: bool, is_list: bool) -> dict[int, tuple[str, ...]]:
    return merged([EVERYWHERE, *([BODY] if has_body else []), *_declared(view, handler, is_list=is_list)])


def _declared(view: Any, handler: Any, *, is_list: bool) -> Iterator[Refusals]:
    parts = [*view.authentication_classes, *view.permission_classes, *view.throttle_classes]
    if is_list and getattr(view, "pagination_class", None):
        parts.append(view.pagination_class)
    for part in [type(view), *parts]:
        for base in part.__mro__:
            yield vars(base).get("refuses", {})
    if getattr(view, "detail", False):
        yield getattr(view, "refuses_of_one", {})
    yield getattr(handler, "refuses", {})


def described(status: int, codes: Sequence[str], registry: ComponentRegistry) -> dict[str, Any]:
    """A reference to the answer, which stands in many operations."""
    answer = {
        "description": _sentence(codes),
        "headers": headers.described(headers.of_problem(status), registry),
        "content": {"application/problem+json": {"schema": of(status, codes), "examples": _examples(status, codes)}},
    }
    return headers.shared("responses", _name(status, codes), answer, registry)


def of(status: int, codes: Sequence[str]) -> dict[str, Any]:
    """The schema of a problem with one of these codes."""
    only = record(status={"type": "integer", "const": status}, code={"type": "string", "enum": [*codes]})
    return {"allOf": [PROBLEM, only]}


def _sentence(codes: Sequence[str]) -> str:
    return "\n".join(f"- `{code}`: {SENTENCES[code]}" for code in codes) if len(codes) > 1 else SENTENCES[codes[0]]


def _examples(status: int, codes: Sequence[str]) -> dict[str, Any]:
    return {code: {"value": _example(status, code)} for code in codes}


def _example(status: int, code: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": SENTENCES[code],
        "message": SENTENCES[code],
        "code": code,
        "request_id": "3f6f0d8a4c1b4e0c9d0e7a5b2c8f1e64",
        "errors": [],
    }


def _name(status: int, codes: Sequence[str]) -> str:
    first, *others = codes
    rest = f"Or{len(others)}Others" if len(others) > 1 else "".join(f"Or{_capitalised(code)}" for code in others)
    return f"{_capitalised(first)}{rest}{status}"


def _capitalised(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))
