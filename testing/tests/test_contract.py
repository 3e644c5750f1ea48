"""The OpenAPI document that is committed is the service's own, and says all that an endpoint should say."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from core.errors import SENTENCES
from testing import service
from testing.contract import document
from testing.contract.differences import Documents

pytestmark = pytest.mark.once

COMMITTED: Final = document.read(document.COMMITTED)
# Of what is no operation; and what only a field is told.
OF_NO_OPERATION: Final = {"method_not_allowed", "invalid_cursor"}
# Module names, and the escapes of Python's regular expressions.
INNER: Final = re.compile(r"x-spec-|``|\(\?|\\\\[AZ]|\b(?:accounts|assistant|tasks|staff|core|todo_project)\.\w+")


def operations() -> Iterator[tuple[str, Any]]:
    for path, methods in COMMITTED["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(part: Any) -> Any:
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[-2:]
        part = COMMITTED["components"][kind][name]
    return part


def codes(answer: Any) -> set[str]:
    content = resolved(answer).get("content", {}).get("application/problem+json")
    return {*content["schema"]["allOf"][1]["properties"]["code"]["enum"]} if content else set()


def test_it_is_what_the_code_says() -> None:
    # Else: make schema, and look at what has changed.
    assert document.generate() == document.COMMITTED.read_text(encoding="utf-8")


def test_each_operation_says_what_it_does_and_is_called_by_a_name_of_its_own() -> None:
    names = []
    for at, operation in operations():
        assert operation["description"], at
        assert set(operation["tags"]) <= {tag["name"] for tag in COMMITTED["tags"]}, at
        names.append(operation["operationId"])
    assert len(names) == len(set(names))
    assert all(tag["description"].count(" ") > 10 for tag in COMMITTED["tags"])


def test_each_answer_says_what_it_is_and_carries_its_request_id() -> None:
    for at, operation in operations():
        assert "default" not in operation["responses"], at
        for status, answer in operation["responses"].items():
            whole = resolved(answer)
            assert whole["description"], (at, status)
            assert "X-Request-ID" in whole["headers"], (at, status)
            # A method of the protocol that is not there is told in the protocol's own words.
            others = {("GET /health/ready", "503"), ("POST /mcp", "404")}
            assert (status >= "400") == bool(codes(answer)) or (at, status) in others, (at, status)


def test_whoever_must_call_with_a_token_may_be_refused_and_limited() -> None:
    for at, operation in operations():
        if {"bearer": []} in operation["security"]:
            assert codes(operation["responses"]["401"]) >= {"not_authenticated", "token_expired"}, at
            assert {"429", "503"} <= operation["responses"].keys(), at
            # A page of another origin is somebody too.
            names_somebody = "{user_id}" in at or "/admin/" in at or at == "POST /mcp"
            expected = {"insufficient_scope", *(("forbidden",) if names_somebody else ())}
            assert codes(operation["responses"]["403"]) == expected, at


def test_each_code_can_occur_somewhere_and_none_that_is_unknown() -> None:
    found = {
        code for _, operation in operations() for answer in operation["responses"].values() for code in codes(answer)
    }

    assert found == SENTENCES.keys() - OF_NO_OPERATION


def test_each_body_has_an_example() -> None:
    for at, operation in operations():
        for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
            assert content.get("examples"), (at, media_type)


def test_what_is_always_sent_is_required_and_what_has_a_default_is_not() -> None:
    schemas = COMMITTED["components"]["schemas"]

    assert set(schemas["Task"]["required"]) == set(schemas["Task"]["properties"])
    assert schemas["SignupRequest"]["required"] == ["email", "password"]
    assert schemas["TaskRequest"]["required"] == ["title"]
    assert not any("default" in inner for schema in schemas.values() for inner in schema.get("properties", {}).values())


def test_no_inner_word_leaks() -> None:
    assert INNER.findall(document.COMMITTED.read_text(encoding="utf-8")) == []


def changed(*path: str, to: Any) -> list[str]:
    """What breaks where this of the document is other than it is."""
    new = document.read(document.COMMITTED)
    inner = new
    for name in path[:-1]:
        inner = inner[name]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return Documents(COMMITTED, new).breaks()


ALL: Final = "/api/{user_id}/tasks"
SCHEMAS: Final = ("components", "schemas")


@pytest.mark.parametrize(
    ("path", "to", "expected"),
    [
        (("paths", "/health"), None, "GET /health: gone"),
        (("paths", ALL, "get", "operationId"), "x", "GET /api/{user_id}/tasks: is called x, was tasks_list"),
        (("paths", ALL, "get", "parameters"), [], "GET /api/{user_id}/tasks: no parameter limit"),
        (("paths", ALL, "post", "responses", "201", "headers"), {}, "POST /api/{user_id}/tasks 201: no header ETag"),
        ((*SCHEMAS, "Task", "required"), [], "POST /api/{user_id}/tasks 201.title: may be missing"),
        ((*SCHEMAS, "Task", "properties", "tags"), None, "POST /api/{user_id}/tasks 201.tags: gone"),
        ((*SCHEMAS, "Task", "properties", "title", "type"), ["string", "null"],
         "GET /api/{user_id}/tasks 200.data[].title: may be null"),
        ((*SCHEMAS, "TaskRequest", "required"), ["title", "tags"],
         "POST /api/{user_id}/tasks body.tags: has become required"),
        ((*SCHEMAS, "TaskRequest", "properties", "completed", "type"), "string",
         "POST /api/{user_id}/tasks body.completed: boolean is not taken"),
        ((*SCHEMAS, "Role", "enum"), ["user"], "PATCH /api/admin/users/{user_id}/role body.role: 'admin' is not taken"),
    ],
)  # fmt: skip
def test_what_breaks_clients_is_found(path: tuple[str, ...], to: Any, expected: str) -> None:
    assert expected in changed(*path, to=to)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("paths", "/new"), {"get": {"operationId": "new", "responses": {}}}),
        ((*SCHEMAS, "Task", "properties", "colour"), {"type": "string"}),
        ((*SCHEMAS, "TaskRequest", "properties", "colour"), {"type": "string"}),
        ((*SCHEMAS, "TaskRequest", "required"), []),
        ((*SCHEMAS, "Task", "description"), "Another one."),
    ],
)
def test_what_is_only_more_breaks_nobody(path: tuple[str, ...], to: Any) -> None:
    assert changed(*path, to=to) == []


def test_nothing_has_broken_since_the_last_release() -> None:
    # Else: a new major version (a minor one below 1.0), or another way.
    assert Documents(document.read(document.RELEASED), COMMITTED).breaks() == []


def test_the_types_of_the_typescript_client_are_those_of_the_document() -> None:
    """By digest, which wants no Node; `make schema` writes both, `make clients` compares the types themselves."""
    digest = hashlib.sha256(document.COMMITTED.read_bytes()).hexdigest()

    assert f"// SHA-256 of openapi.json: {digest}\n" in (service.ROOT / "clients/typescript/src/schema.ts").read_text()


def test_the_types_of_the_python_client_are_those_of_the_document() -> None:
    service.output(("clients/python/generate.py", "--check"), {})
