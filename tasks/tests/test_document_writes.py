"""What the OpenAPI document says of conditions and keys."""

from typing import Any

import pytest

from testing.callers import Caller

ONE = "/api/{user_id}/tasks/{task_id}"
ALL = "/api/{user_id}/tasks"


EVERY = {"X-Request-ID", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
CONDITIONS = {"If-Match", "If-None-Match"}


def operation(caller: Caller, path: str, method: str) -> Any:
    return caller.get("/openapi.json").json["paths"][path][method]


def codes(caller: Caller, path: str, method: str) -> dict[str, set[str]]:
    document = caller.get("/openapi.json").json
    found = {}
    for status, answer in document["paths"][path][method]["responses"].items():
        whole = document["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        if problem := whole.get("content", {}).get("application/problem+json"):
            found[status] = set(problem["schema"]["allOf"][1]["properties"]["code"]["enum"])
    return found


def sent(operation: Any) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        (ALL, "get", set()),
        (ALL, "post", {"Idempotency-Key"}),
        (f"{ALL}/bulk", "post", {"Idempotency-Key"}),
        (ONE, "get", CONDITIONS),
        (ONE, "put", CONDITIONS),
        (ONE, "patch", CONDITIONS),
        (ONE, "delete", CONDITIONS),
        (f"{ONE}/complete", "patch", CONDITIONS),
        (f"{ONE}/toggle", "patch", CONDITIONS),
        ("/api/{user_id}/{task_id}", "put", CONDITIONS),
    ],
)
def test_each_operation_names_the_headers_it_looks_at(
    anonymous: Caller, path: str, method: str, headers: set[str]
) -> None:
    assert sent(operation(anonymous, path, method)) == headers


def test_answers_name_the_headers_they_carry(anonymous: Caller) -> None:
    created = operation(anonymous, ALL, "post")["responses"]["201"]["headers"]
    read = operation(anonymous, ONE, "get")["responses"]

    assert set(created) == {"ETag", "Location", "Idempotency-Replayed", "X-Undo", *EVERY}
    assert set(read["200"]["headers"]) == set(read["304"]["headers"]) == {"ETag", *EVERY}
    assert "content" not in read["304"]


def test_every_code_of_a_refused_write_is_listed(anonymous: Caller) -> None:
    created = codes(anonymous, ALL, "post")
    changed = codes(anonymous, ONE, "patch")

    assert created["409"] == {"quota_exceeded", "idempotency_in_progress"}
    assert created["422"] == {"invalid", "not_an_object", "idempotency_key_reused", "answer_too_large"}
    assert changed["404"] == {"task_not_found"}
    assert changed["412"] == {"precondition_failed"}
