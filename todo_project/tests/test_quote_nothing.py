"""No message quotes its input, which may be a secret, somebody's markup, or nothing that can be written as UTF-8."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from pytest_django import Settings

from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Answer, Caller

MARK: Final = "quoted-7f3a"
TEXTS: Final = (MARK, f"{MARK}\ud800", f"{MARK}\0")
MISSING: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"

Send = Callable[[str, str, Any], Answer]


@pytest.fixture(autouse=True)
def _roomy_limits(settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = settings.API_RATE_LIMIT = settings.CHAT_RATE_LIMIT = Rate(10_000, 60)


@pytest.fixture
def document(anonymous: Caller) -> Any:
    return anonymous.get("/openapi.json").json


@pytest.fixture
def send(admin: Caller, alice: Caller, make_task: Callable[..., Task]) -> Send:
    """As an admin, who may call everything, with a task of theirs."""
    ids = {"task_id": str(make_task(admin).id), "user_id": admin.id}

    def send_one(method: str, path: str, body: Any) -> Answer:
        owned = ids | ({"user_id": alice.id} if "/admin/" in path else {})
        return admin.send(method.upper(), re.sub(r"{(\w+)}", lambda name: owned.get(name[1], MISSING), path), body)

    return send_one


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def bodies_of(document: Any, operation: Any, text: str) -> list[Any]:
    """One of each shape that it may have."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return [written(document, shape, text) for shape in shapes(document, schema)]


def shapes(document: Any, schema: Any) -> list[Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    either = schema.get("oneOf") or schema.get("anyOf")
    return [shape for inner in either for shape in shapes(document, inner)] if either else [schema]


def written(document: Any, schema: Any, text: str) -> Any:
    """An object as the schema has it, with this text for each value."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        return {name: written(document, inner, text) for name, inner in schema["properties"].items()}
    if schema.get("type") == "array":
        return [written(document, schema["items"], text)]
    return text


def in_ascii(body: Any) -> bytes:
    """As JSON; orjson writes no half of a character."""
    return json.dumps(body).encode()


def quotes_nothing(answer: Answer) -> bool:
    return answer.status < 500 and (answer.status < 400 or MARK.encode() not in answer.content)


@pytest.mark.parametrize("text", TEXTS)
def test_no_body_is_quoted(document: Any, send: Send, text: str) -> None:
    asked = [
        (method, path, whole)
        for method, path, operation in operations(document)
        if "requestBody" in operation
        for whole in bodies_of(document, operation, text)
        if isinstance(whole, dict)
    ]
    assert len(asked) > 10
    for method, path, whole in asked:
        if path == "/mcp":
            # JSON-RPC repeats it in the answer (JSON-RPC 2.0, section 5).
            del whole["id"]
        # All at once, each by itself, and in the place of a list or an object.
        for body in (whole, *({name: value} for name, value in whole.items()), dict.fromkeys(whole, text)):
            content = in_ascii(body)
            assert quotes_nothing(send(method, path, content)), (method, path, body)


@pytest.mark.parametrize("text", [MARK, f"{MARK}%ED%A0%80", f"{MARK}%00", f"%1B[31m{MARK}"])
def test_no_parameter_is_quoted(document: Any, send: Send, text: str) -> None:
    asked = [
        (method, path, parameter["name"])
        for method, path, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and method == "get"
    ]
    assert len(asked) > 10
    for method, path, name in asked:
        assert quotes_nothing(send(method, f"{path}?{name}={text}", None)), (method, path, name)


def test_no_header_method_or_path_is_quoted(alice: Caller, make_task: Callable[..., Task]) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    answers = [
        alice.send("PATCH", path, b"{}", content_type=f"text/{MARK}"),
        alice.get(path, Accept=f"text/{MARK}"),
        alice.get(path, Authorization=f"Bearer {MARK}"),
        alice.patch(path, {"title": "x"}, If_Match=f'"{MARK}"'),
        alice.post(alice.tasks, {"title": "x"}, Idempotency_Key=f"{MARK} \x7f"),
        alice.send(MARK.upper(), path),
        alice.get(f"/{MARK}"),
        alice.get(f"{alice.tasks}/{MARK}"),
        alice.get(f"/api/{MARK}/tasks"),
        alice.get("/", Host=MARK),
    ]

    assert all(answer.status >= 400 and MARK.encode() not in answer.content.lower() for answer in answers), answers


@pytest.mark.parametrize("word", ["\ud800", "Admin", "", {}, [], ["user"], None, 5, True, "x" * 10_000])
def test_a_choice_names_what_may_be_chosen(admin: Caller, alice: Caller, word: Any) -> None:
    operation = alice.post(f"{alice.tasks}/bulk", in_ascii({"operations": [{"op": word}]}))
    role = admin.patch(f"/api/admin/users/{alice.id}", in_ascii({"role": word}))

    assert operation.is_problem(422, "invalid")
    assert role.is_problem(422, "invalid")
    if word is not None:
        assert operation.json["errors"][0]["detail"] == "Must be one of create, update, complete, reopen, delete."
        assert role.json["errors"][0]["detail"] == "Must be one of user, admin."
