"""What the OpenAPI document says of conditions and keys."""

from typing import Any

import pytest

from testing.callers import Caller

ONE = "/api/{user_id}/tasks/{task_id}"
ALL = "/api/{user_id}/tasks"


CONDITIONS = {"If-Match", "If-None-Match"}


def operation(caller: Caller, path: str, method: str) -> Any:
    return caller.get("/openapi.json").json["paths"][path][method]


def sent(operation: Any) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        (ALL, "get", set()),
        (ALL, "post", {"Idempotency-Key"}),
        (f"{ALL}/bulk", "post", {"Idempotency-Key"}),
        (ONE, "get", {"If-None-Match"}),
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

    assert set(created) == {"ETag", "Location", "Idempotency-Replayed"}
    assert set(read["200"]["headers"]) == set(read["304"]["headers"]) == {"ETag"}
    assert "content" not in read["304"]


def test_every_code_of_a_refused_write_is_listed(anonymous: Caller) -> None:
    listed = anonymous.get("/openapi.json").json["components"]["schemas"]["Problem"]["description"]

    for code in ("precondition_failed", "idempotency_key_reused", "idempotency_in_progress"):
        assert f"`{code}`" in listed
